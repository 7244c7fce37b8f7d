import type { RequestFacts } from "../base/request-facts.ts";
import { readPattern } from "./pattern.ts";
import type { FieldMatch, Match } from "./routing-table.ts";

/** What matching looks at; the whole of RequestFacts fits. */
export type MatchFacts = Pick<RequestFacts, "host" | "path" | "query" | "headers" | "webSocket">;

/** A request while it is matched: the query is decoded once, and only if an entry asks for it. */
export type Asked = { readonly facts: MatchFacts; readonly params: () => URLSearchParams };

/** Whether everything but the path holds; `upgrade-only` when only the lack of an offered subprotocol on a plain request is in the way. */
export type Holds = "yes" | "no" | "upgrade-only";

/** The parts of a match beside its path, ready to test. */
export type Conditions = {
  /** A field longer than `maxTested` is not tested against a pattern, and does not match it. */
  readonly hold: (asked: Asked, maxTested: number) => Holds;
  /** Of the patterns among them, together. */
  readonly programSize: number;
};

/** Makes a request ready to be matched. */
export function ask(facts: MatchFacts): Asked {
  let params: URLSearchParams | null = null;
  return { facts, params: () => (params ??= new URLSearchParams(facts.query)) };
}

/** Prepares the conditions of a match; null when one of its patterns is unreadable. */
export function compileConditions(match: Match): Conditions | null {
  const headers = match.headers.map((field) => compileField(field, headerValue));
  const params = match.queryParams.map((field) => compileField(field, paramValue));
  const tests: FieldTest[] = [];
  for (const test of [...headers, ...params]) {
    if (test === null) return null;
    tests.push(test);
  }
  const offered = new Set(match.subprotocols);
  return {
    hold: (asked, maxTested) =>
      tests.every((test) => test.holds(asked, maxTested)) ? holdsSubprotocol(offered, asked.facts) : "no",
    programSize: tests.reduce((sum, test) => sum + test.programSize, 0),
  };
}

type FieldTest = { readonly holds: (asked: Asked, maxTested: number) => boolean; readonly programSize: number };

function compileField(field: FieldMatch, read: (asked: Asked, name: string) => string | null): FieldTest | null {
  if (field.type === "Exact") {
    return { holds: (asked) => read(asked, field.name) === field.value, programSize: 0 };
  }
  const pattern = readPattern(field.value);
  if (!pattern.ok) return null;
  const { matches, programSize } = pattern.pattern;
  const holds: FieldTest["holds"] = (asked, maxTested) => {
    const value = read(asked, field.name);
    return value !== null && value.length <= maxTested && matches(value);
  };
  return { holds, programSize };
}

// Repeated fields are one list (RFC 9110 5.3), which is what a backend that joins them would see.
function headerValue(asked: Asked, name: string): string | null {
  return asked.facts.headers.get(name)?.join(", ") ?? null;
}

// Of a repeated parameter the first counts, as Gateway API advises.
function paramValue(asked: Asked, name: string): string | null {
  return asked.params().get(name);
}

function holdsSubprotocol(wanted: ReadonlySet<string>, facts: MatchFacts): Holds {
  if (wanted.size === 0) return "yes";
  if (facts.webSocket === null) return "upgrade-only";
  return facts.webSocket.subprotocols.some((name) => wanted.has(name)) ? "yes" : "no";
}
