#!/usr/bin/env node
import { runCommandLine } from "./cli/command-line.ts";
import { exitOnCrash } from "./cli/exit-on-crash.ts";
import { hardenProcess } from "./cli/harden-process.ts";
import { processSurroundings } from "./cli/surroundings.ts";

exitOnCrash();
hardenProcess();
process.exitCode = await runCommandLine(process.argv.slice(2), processSurroundings());
