import { MAX_PROGRAM_SIZE, MAX_TESTED_LENGTH, readPattern, testedLength } from "../../src/table/pattern.ts";
import { type Figure, inUnit } from "./figures.ts";

/** Patterns of about `size` that need another state of their automaton for each character of a random text. */
const HOSTILE: readonly ((size: number) => string)[] = [
  (size) => `/.*a.{${size - 6}}`,
  (size) => `/[a-f]*a[a-f]{${size - 6}}`,
  (size) => `/.*(a|b|c).{${Math.floor(size / 2) - 8}}(d|e).{${Math.floor(size / 2) - 8}}f`,
  (size) => `/.*a.{${Math.floor(size / 2) - 5}}b.{${Math.floor(size / 2) - 5}}`,
];

const ORDINARY = ["/rooms/[a-z0-9-]{1,36}/ws", "/(v1|v2)/users/\\d+/events", "/[^/]+/[^/]+/socket"];

/** What the patterns of a host cost a request: the most that hostile ones can, as many as the bounds allow, and what ordinary ones do. */
export function measurePatterns(): readonly Figure[] {
  const hostile = [1, 2, 4, 8, 16, 32].map((count): Figure => {
    const size = Math.floor(MAX_PROGRAM_SIZE / count);
    const costs = HOSTILE.map((make) => worstOf(Array.from({ length: count }, () => make(Math.max(size, 20)))));
    return {
      what: `${count} hostile patterns, a path as long as they allow`,
      value: inUnit(Math.max(...costs), "ms"),
      target: "below 5 ms",
    };
  });
  const matchers = ORDINARY.map(matcherOf);
  const path = "/rooms/3f1c9a34-12ab-4f7e-9c55-0d9e6a1f2b77/ws";
  const rounds = 20_000;
  const startMs = performance.now();
  for (let round = 0; round < rounds; round += 1) for (const { matches } of matchers) matches(path);
  const each = ((performance.now() - startMs) * 1_000) / rounds;
  return [...hostile, { what: `${ORDINARY.length} ordinary patterns, an ordinary path`, value: inUnit(each, "us") }];
}

function matcherOf(source: string) {
  const read = readPattern(source);
  if (!read.ok) throw new Error(`${source}: ${read.expected}`);
  return read.pattern;
}

/** CPU time of the slowest of several requests, in ms. */
function worstOf(sources: readonly string[]): number {
  const patterns = sources.map(matcherOf);
  const length = testedLength(patterns.reduce((sum, { programSize }) => sum + programSize, 0));
  let worst = 0;
  for (let round = 0; round < 12; round += 1) {
    const text = `/${Array.from({ length: Math.min(length, MAX_TESTED_LENGTH) - 1 }, () => "abcdef"[Math.floor(Math.random() * 6)]).join("")}`;
    const start = process.threadCpuUsage();
    for (const { matches } of patterns) matches(text);
    const { user, system } = process.threadCpuUsage(start);
    if (round > 3) worst = Math.max(worst, (user + system) / 1_000);
  }
  return worst;
}
