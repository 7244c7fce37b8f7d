import { parseArgs } from "node:util";
import { CASES, type Case } from "./cases.ts";
import type { Times } from "./measure.ts";

/** What the benchmark was asked to do. */
export type Options = {
  readonly cases: readonly Case[];
  /** Parts of rivals' names, in lower case; empty for all. */
  readonly rivals: readonly string[];
  readonly rounds: number;
  readonly times: Times;
  /** Where the record is written; null for nowhere. */
  readonly json: string | null;
  readonly profile: string | null;
};

/** What `--help` prints. */
export const USAGE = `npm run bench -- [options]

Measures what a WebSocket costs in Fairlead and in the rivals that are installed: CPU a message and a handshake, and
resident memory an idle pair. It takes about half an hour, installs nothing, and neither passes nor fails.

  --quick         one short round of the base cases
  --case TEXT     only cases whose name contains TEXT; may be given several times
  --rival TEXT    only rivals whose name contains TEXT, nginx always included; may be given several times
  --rounds N      interleaved rounds, 1 to 9 (default 3; cases of growth and memory have one)
  --json FILE     write every measurement, with versions and the machine
  --profile DIR   have Fairlead write a CPU profile, which costs time itself
`;

const LONG: Times = { firstMs: 10_000, warmMs: 1_000, runMs: 3_000, settleMs: 4_000 };
const QUICK: Times = { firstMs: 2_000, warmMs: 500, runMs: 1_000, settleMs: 1_000 };

/** Reads the words behind `npm run bench --`; a string is what is wrong with them, or the help. */
export function readOptions(words: readonly string[]): Options | string {
  const read = parse(words);
  if (typeof read === "string") return read;
  if (read.values.help) return USAGE;
  const { quick, rounds, case: parts, rival, json = null, profile = null } = read.values;
  if (!/^[1-9]$/.test(rounds)) return `--rounds ${rounds}: expected 1 to 9`;
  const cases = findCases(parts, quick);
  if (cases.length === 0) return noCase(parts);
  const rivals = rival.map((part) => part.toLowerCase());
  return { cases, rivals, rounds: quick ? 1 : Number(rounds), times: quick ? QUICK : LONG, json, profile };
}

function findCases(parts: readonly string[], quick: boolean): readonly Case[] {
  const named = CASES.filter(({ name }) => parts.some((part) => name.includes(part)));
  return quick ? named.filter(({ tier }) => tier === "base") : named;
}

function noCase(parts: readonly string[]): string {
  return `--case ${parts.join(" ")}: expected a part of ${CASES.map(({ name }) => name).join("; ")}`;
}

type Parsed = ReturnType<typeof parseWords>;

function parse(words: readonly string[]): Parsed | string {
  try {
    return parseWords(words);
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`;
  }
}

function parseWords(words: readonly string[]) {
  return parseArgs({
    args: [...words],
    options: {
      quick: { type: "boolean", default: false },
      case: { type: "string", multiple: true, default: [""] },
      rival: { type: "string", multiple: true, default: [] },
      rounds: { type: "string", default: "3" },
      json: { type: "string" },
      profile: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
}
