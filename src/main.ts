#!/usr/bin/env node
import { runCommandLine } from "./cli/command-line.ts";
import { exitOnCrash } from "./cli/exit-on-crash.ts";
import { processSurroundings } from "./cli/surroundings.ts";

exitOnCrash();
process.exitCode = await runCommandLine(process.argv.slice(2), processSurroundings());
