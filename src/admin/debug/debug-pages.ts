import { CONNECTION_PARAMS } from "./connection-filter.ts";
import { CONNECTION_FIELDS } from "./connection-row.ts";
import { findConnections } from "./connections-page.ts";
import { CUT_PARAMS, cutConnection } from "./cut-connection.ts";
import { type DebugAnswer, found, listPieces } from "./debug-answer.ts";
import type { DebugSources } from "./debug-sources.ts";
import type { Param, ParamValues } from "./params.ts";
import { findProblems, PROBLEM_FIELDS, PROBLEM_PARAMS } from "./problems-page.ts";
import { findItems } from "./table-page.ts";
import { TABLE_PARAMS } from "./table-params.ts";

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
      total: "Items in this part, for the host if one was asked for.",
      next: "The offset of the items that follow; null at the end. Where a version differs from that of the page before, begin again.",
      items:
        "In the order of the table. `routing`: host, match, rule and action of each way to a rule. `endpoints`: pool (`namespace/name:port`) and its endpoints. `certificates`: host, minVersion, and of each certificate fingerprint (SHA-256), names, issuer, notBefore, notAfter and secret.",
      "items[].host":
        "A name, `*.suffix` for one label, `**.suffix` for one or more, `*` for every one; null: tried last, for every one.",
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
      connections: "The first of them.",
      ...membersOf("connections", CONNECTION_FIELDS),
    },
    answer: async ({ values }, sources) => {
      const { rows, ...counts } = await findConnections(sources, values);
      return listPieces(counts, "connections", rows, sources.turn);
    },
  },
  {
    method: "DELETE",
    path: "/debug/connections/ID",
    meaning:
      "Ends one WebSocket, with the cause `admin`, and answers how it ended: 200. 202 says that it has not within its close timeout, or 15 s. Who asked is in the log.",
    params: CUT_PARAMS,
    answers: {
      id: "As asked.",
      requestId: "Its id in the access log.",
      how: "As asked.",
      end: "`cause`: `admin`, or what it was ending for already; `by`; `clean`; `durationSeconds`; and of both `sides` the Close that was `received` and `sent`, and how its connection `ended`. null: not yet.",
    },
    answer: ({ values, id, askedBy }, sources) => cutConnection(sources, id, values, askedBy),
  },
  {
    method: "GET",
    path: "/debug/problems",
    meaning: "What is wrong in what was written, and where.",
    params: PROBLEM_PARAMS,
    answers: {
      total: "How many problems there are.",
      matched: "Of those, the ones that match the filters.",
      problems: "The first of them.",
      ...membersOf("problems", PROBLEM_FIELDS),
    },
    answer: async ({ values }, sources) => {
      const { rows, ...counts } = await findProblems(sources, values);
      return listPieces(counts, "problems", rows, sources.turn);
    },
  },
];

/** As the reference names the members of a list's items. */
function membersOf(list: string, fields: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(fields).map(([name, meaning]) => [`${list}[].${name}`, meaning]));
}

function versionsOf({ live }: DebugSources): unknown {
  const ages = Object.entries(live.ages());
  return Object.fromEntries(
    ages.map(([table, { version, ageMs }]) => [table, { version, ageSeconds: Math.round(ageMs) / 1_000 }]),
  );
}
