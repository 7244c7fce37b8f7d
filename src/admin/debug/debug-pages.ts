import { CONNECTION_PARAMS, findConnections } from "./connections-page.ts";
import { CUT_PARAMS, cutConnection } from "./cut-connection.ts";
import { type DebugAnswer, found, listPieces } from "./debug-answer.ts";
import type { DebugSources } from "./debug-sources.ts";
import type { Param, ParamValues } from "./params.ts";
import { findProblems, PROBLEM_PARAMS } from "./problems-page.ts";
import { findItems, TABLE_PARAMS } from "./table-page.ts";

/** What a page is asked. */
export type Question = {
  readonly values: ParamValues;
  /** The last part of the path, where the page has one. */
  readonly id: string;
  /** The address of whoever asks. */
  readonly askedBy: string;
};

/** One page of /debug. docs/reference/debug.md is made from these. */
export type DebugPage = {
  readonly method: "GET" | "DELETE";
  /** Ends in `/ID` where something is named by the path. */
  readonly path: string;
  readonly meaning: string;
  readonly params: readonly Param[];
  /** The members of what is answered, by name. */
  readonly answers: Readonly<Record<string, string>>;
  readonly answer: (question: Question, sources: DebugSources) => Promise<DebugAnswer | AsyncIterable<string>>;
};

/** Every page, once. */
export const DEBUG_PAGES: readonly DebugPage[] = [
  {
    method: "GET",
    path: "/debug",
    meaning: "These pages.",
    params: [],
    answers: { pages: "Method, path and meaning of each." },
    answer: () =>
      Promise.resolve(found({ pages: DEBUG_PAGES.map(({ method, path, meaning }) => ({ method, path, meaning })) })),
  },
  {
    method: "GET",
    path: "/debug/table",
    meaning:
      "What the data plane goes by at this moment. Keys are never shown, nor the values of fields that may be credentials.",
    params: TABLE_PARAMS,
    answers: {
      versions: "How often each table was swapped, and how many seconds ago it last was.",
      total: "Items in this part.",
      matched: "Of those, the ones that lead from the host.",
      items:
        "In the order of the table; a host is a name, `*.suffix` for one label, `**.suffix` for one or more, `*` for every one.",
    },
    answer: ({ values }, sources) => {
      const { items, ...counts } = findItems(sources, values);
      return Promise.resolve(listPieces({ versions: versionsOf(sources), ...counts }, "items", items, sources.turn));
    },
  },
  {
    method: "GET",
    path: "/debug/connections",
    meaning: "WebSockets that are open.",
    params: CONNECTION_PARAMS,
    answers: {
      open: "How many are open.",
      matched: "Of those, the ones that match the filters.",
      connections:
        "The first of them: names as in the [access log](access-log.md); `id` for DELETE; `state`; times in seconds, sizes in bytes; `in` is from the client, `out` from the backend; `queued` waits for a slow reader; `pingMs` is the last round trip of a Ping.",
    },
    answer: async ({ values }, sources) => {
      const { rows, ...counts } = await findConnections(sources, values);
      return listPieces(counts, "connections", rows, sources.turn);
    },
  },
  {
    method: "DELETE",
    path: "/debug/connections/ID",
    meaning: "Ends one WebSocket, with the cause `admin`.",
    params: CUT_PARAMS,
    answers: {
      id: "As asked.",
      requestId: "Its id in the access log.",
      how: "As asked.",
      withinSeconds: "When it is over at the latest.",
    },
    answer: ({ values, id, askedBy }, sources) => Promise.resolve(cutConnection(sources, id, values, askedBy)),
  },
  {
    method: "GET",
    path: "/debug/problems",
    meaning: "What is wrong in what was written, and where.",
    params: PROBLEM_PARAMS,
    answers: {
      total: "How many problems there are.",
      matched: "Of those, the ones that match the filters.",
      problems: "The first of them: reason, effect, object, field, value, message, and the place in a file.",
    },
    answer: async ({ values }, sources) => {
      const { rows, ...counts } = await findProblems(sources, values);
      return listPieces(counts, "problems", rows, sources.turn);
    },
  },
];

function versionsOf({ live }: DebugSources): unknown {
  const ages = Object.entries(live.ages());
  return Object.fromEntries(
    ages.map(([table, { version, ageMs }]) => [table, { version, ageSeconds: Math.round(ageMs) / 1_000 }]),
  );
}
