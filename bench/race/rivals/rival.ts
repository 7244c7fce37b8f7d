import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import type { Command } from "../processes.ts";

/** The host that every request names: certificates and routes are for it. */
export const HOST = "bench.example.com";

/** Where a proxy under test stands, and what it may write to. */
export type Site = {
  /** A directory of its own. */
  readonly directory: string;
  /** On 127.0.0.1: plain ws, wss, and the echo backend behind both. */
  readonly plainPort: number;
  readonly tlsPort: number;
  readonly backendPort: number;
  /** Of HOST, EC P-256: a chain, its key (PKCS #8), and both in one file. */
  readonly certificate: { readonly chain: string; readonly key: string; readonly both: string };
};

/** A proxy that can be measured. */
export type Rival = {
  readonly name: string;
  /** Null when it is not installed. */
  readonly find: () => string | null;
  /** The words that make it print its version. */
  readonly versionWords: readonly string[];
  /** Writes a configuration for one worker into the site, and says how to start it in the foreground. */
  readonly prepare: (program: string, site: Site) => Promise<Command>;
};

/** The file of a program in PATH, or where Debian keeps servers; null when there is none. */
export function findProgram(name: string): string | null {
  const directories = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin"];
  return directories.map((directory) => join(directory, name)).find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
