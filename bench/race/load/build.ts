import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { findProgram } from "../rivals/rival.ts";

/** The program that makes load, and whether it speaks TLS. */
export type LoadProgram = { readonly path: string; readonly tls: boolean };

const NO_COMPILER =
  "the benchmark's load generator is a C program, and no C compiler (cc) was found: on Debian, apt-get install gcc libc6-dev libssl-dev";

/** Compiles load.c into the directory; without OpenSSL's headers it does no TLS. Throws with a sentence for a person. */
export function buildLoad(directory: string): LoadProgram {
  const compiler = findProgram("cc");
  if (compiler === null) throw new Error(NO_COMPILER);
  const path = join(directory, "load");
  const tls = existsSync("/usr/include/openssl/ssl.h");
  const withTls = tls ? ["-DWITH_TLS", "-lssl", "-lcrypto"] : [];
  const words = ["-O2", "-Wall", "-Wextra", "-o", path, join(import.meta.dirname, "load.c"), ...withTls];
  const { status, stderr } = spawnSync(compiler, words, { encoding: "utf8", timeout: 60_000 });
  if (status !== 0) throw new Error(`load.c does not compile: ${stderr}`);
  return { path, tls };
}
