import { execFileSync, spawnSync } from "node:child_process";
import { CADDY } from "./caddy.ts";
import { type FairleadOptions, fairlead } from "./fairlead.ts";
import { HAPROXY } from "./haproxy.ts";
import { NGINX } from "./nginx.ts";
import type { Rival } from "./rival.ts";

/** A proxy that is there to be measured. */
export type Found = { readonly rival: Rival; readonly program: string; readonly version: string };

/** Every proxy that the benchmark knows, in the order of its columns; ratios are to the first. */
export function knownRivals(options: FairleadOptions): readonly Rival[] {
  return [NGINX, HAPROXY, CADDY, fairlead(options)];
}

/** Those of them that are installed, with their versions. */
export function findRivals(rivals: readonly Rival[]): readonly Found[] {
  return rivals.flatMap((rival) => {
    const program = rival.find();
    return program === null ? [] : [{ rival, program, version: versionOf(rival, program) }];
  });
}

function versionOf({ name, versionWords }: Rival, program: string): string {
  const { stdout, stderr } = spawnSync(program, versionWords, { encoding: "utf8", timeout: 10_000 });
  const number = /\d+\.\d+(\.\d+)?/.exec(stdout || stderr)?.[0] ?? "unknown";
  return name === "Fairlead" ? `${commit()} on Node ${number}` : number;
}

function commit(): string {
  const { dirname: cwd } = import.meta;
  return execFileSync("git", ["describe", "--always", "--dirty"], { cwd, encoding: "utf8" }).trim();
}
