import { API_FAILURES, LIST_REASONS, WATCH_STATES } from "../base/cluster-figures.ts";
import { CAUSES } from "../base/endings.ts";
import { MEMORY_LEVELS, MEMORY_SOURCES } from "../base/memory.ts";
import { TRANSLATION_RESULTS, TRANSLATION_SCOPES } from "../base/translation-run.ts";
import { CLOSE_CODES } from "./close-codes.ts";
import { PROBLEM_REASONS, RESOURCES, TABLE_NAMES } from "./figures.ts";
import { HANDSHAKE_OUTCOMES, LISTENERS } from "./handshakes.ts";
import { ENDERS, failureNames, PEERS, STATUS_CLASSES } from "./outcomes.ts";
import { SPAN_FATES } from "./span-queue.ts";

/** A label that metrics may carry. */
export type Label = {
  readonly meaning: string;
  /**
   * Every value that it can have; null where the names of served objects are the values, which a cap on series bounds.
   * A label whose values clients could invent (a path, a host that nobody serves, an address) has no place here.
   */
  readonly values: readonly string[] | null;
};

/** Every label, once. */
export const LABELS = {
  api_failure: { meaning: `Why it failed. ${explain(API_FAILURES)}`, values: Object.keys(API_FAILURES) },
  by: { meaning: "Who ended the connection.", values: ENDERS },
  cause: { meaning: "Why the connection ended.", values: CAUSES },
  fate: {
    meaning: "What became of the span: taken by the collector, not taken by it, or never sent because too many waited.",
    values: SPAN_FATES,
  },
  class: { meaning: "The class of the HTTP status.", values: STATUS_CLASSES },
  code: {
    meaning:
      "A close code (RFC 6455 7.4). `1005`: a Close frame without a code; `1006`: no Close frame at all; `3xxx` and `4xxx`: codes of libraries and applications.",
    values: CLOSE_CODES,
  },
  direction: { meaning: "`in`: read from clients; `out`: read from backends.", values: ["in", "out"] },
  failure: { meaning: "Why the request was refused.", values: failureNames() },
  host: {
    meaning: "A server name or wildcard that an object has TLS settings for; `*` for every other name.",
    values: null,
  },
  kind: { meaning: "The kind of object that holds the rule.", values: ["Ingress", "WebSocketRoute"] },
  list_reason: { meaning: `Why it was listed. ${explain(LIST_REASONS)}`, values: Object.keys(LIST_REASONS) },
  listener: { meaning: "`https`: over TLS.", values: LISTENERS },
  namespace: { meaning: "The namespace of the object that holds the rule.", values: null },
  node: { meaning: "The version of Node.", values: null },
  outcome: {
    meaning:
      "`accepted`: a 101; `declined`: the backend's own answer, other than a 101; the others: refused, by whose fault it was (failures.md).",
    values: HANDSHAKE_OUTCOMES,
  },
  peer: { meaning: "Which peer of the connection.", values: PEERS },
  reason: {
    meaning: "A reason of problems.md; `InvalidManifest`: what cannot be read at all.",
    values: PROBLEM_REASONS,
  },
  resource: { meaning: "What the limit is on.", values: RESOURCES },
  result: {
    meaning: "`changed`: tables were swapped; `unchanged`: nothing differed; `failed`: a defect, see the log.",
    values: TRANSLATION_RESULTS,
  },
  route: { meaning: "The name of the object that holds the rule.", values: null },
  rule: { meaning: "The rule in its object: its name, or its place.", values: null },
  scope: { meaning: "What had changed: any object, or endpoints alone.", values: TRANSLATION_SCOPES },
  secret: {
    meaning: "`namespace/name` of the Secret; empty for a certificate that was made at start.",
    values: null,
  },
  service: { meaning: "`namespace/name:port` of the Service.", values: null },
  source: { meaning: "Whose limit of memory: absent where there is none.", values: MEMORY_SOURCES },
  state: { meaning: "What is done for want of memory.", values: MEMORY_LEVELS },
  table: { meaning: "Which of the three tables.", values: TABLE_NAMES },
  version: { meaning: "The version of Fairlead.", values: null },
  watch_state: { meaning: `How the reading stands. ${explain(WATCH_STATES)}`, values: Object.keys(WATCH_STATES) },
  watched: { meaning: "A kind of object that is read from the cluster.", values: null },
  way: { meaning: "`received`: the peer sent it; `sent`: the peer was sent it.", values: ["received", "sent"] },
} as const satisfies Record<string, Label>;

/** The name of a row of LABELS. */
export type LabelName = keyof typeof LABELS;

function explain(rows: Readonly<Record<string, string>>): string {
  return Object.entries(rows)
    .map(([name, meaning]) => `\`${name}\`: ${meaning}.`)
    .join(" ");
}
