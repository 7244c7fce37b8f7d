import { CAUSES } from "../base/endings.ts";
import type { LogFields } from "../base/ports.ts";
import type { Report, RuleName } from "../base/report.ts";
import { ENDERS } from "./outcomes.ts";

/** What became of a request: the three kinds of line. */
export const OUTCOMES = {
  relayed: "A WebSocket that was open; the line is written at its end.",
  refused: "A handshake or plain request that Fairlead answered itself.",
  answered: "A plain request that a backend answered, or a handshake that it declined.",
} as const satisfies Record<Report["outcome"], string>;

/** One of OUTCOMES. */
export type Outcome = keyof typeof OUTCOMES;

/** A field of the access log. The lines and their reference are made from these rows. */
export type AccessField = {
  readonly name: string;
  /** Its JSON type, or the unit of the number that it is. */
  readonly type: string;
  readonly meaning: string;
  /** In whose lines it is, always: what is not known is null. */
  readonly outcomes: readonly Outcome[];
  /** Its value in a line of one of `outcomes`. */
  readonly read: (report: Report) => unknown;
};

const ALL = ["relayed", "refused", "answered"] as const;

/** Every field of a line's own, in the order in which a person reads them; `level`, `time` and `msg` stand around them. */
export const ACCESS_FIELDS: readonly AccessField[] = [
  field(ALL, ["outcome", "string"], `\`${ALL.join("`, `")}\`.`, ({ outcome }) => outcome),
  field(
    ALL,
    ["id", "string"],
    "Names the request: `X-Request-Id` of the request that the backend got and of an answer of Fairlead's own.",
    ({ id }) => id,
  ),
  field(
    ALL,
    ["startedAt", "RFC 3339 time"],
    "When its head had arrived; the line's own `time` is that of its end.",
    ({ startedAtMs }) => new Date(startedAtMs).toISOString(),
  ),
  field(
    ALL,
    ["clientAddress", "string"],
    "The client's address: the peer's, or the one that --trusted-proxies named.",
    ({ clientAddress }) => clientAddress,
  ),
  field(ALL, ["peerAddress", "string"], "Who was connected to Fairlead.", ({ peerAddress }) => peerAddress),
  field(ALL, ["secure", "boolean"], "Whether it came over TLS.", ({ secure }) => secure),
  field(ALL, ["method", "string"], "Empty if the head could not be read.", ({ method }) => method),
  field(ALL, ["host", "string"], "In lower case, without port; null if none could be read.", ({ host }) => host),
  field(
    ALL,
    ["path", "string"],
    "Normalised, and without the query, which may hold tokens; null if none could be read.",
    ({ path }) => path,
  ),
  field(ALL, ["route", "string"], "`kind/namespace/name/rule` of the rule that matched; null if none did.", routeOf),
  field(ALL, ["service", "string"], "`namespace/name:port` that was dialled; null if none was.", (r) => r.service),
  field(ALL, ["endpoint", "string"], "`address:port` that was dialled last; null if none was.", (r) => r.endpoint),
  field(
    ALL,
    ["traceId", "string"],
    "Of the trace that it belongs to (W3C Trace Context): the client's, or with tracing on one of Fairlead's own; null if there is none.",
    ({ traceId }) => traceId,
  ),
  field(
    ALL,
    ["handshakeMs", "milliseconds"],
    "From the request's head to Fairlead's 101 or refusal, or to the backend's response head.",
    ({ handshakeMs }) => rounded(handshakeMs),
  ),
  field(
    ALL,
    ["status", "HTTP status"],
    "What the client was answered; 0 if it left before that.",
    ({ status }) => status,
  ),
  field(
    ["refused"],
    ["failure", "string"],
    "Why it was refused: a name of [Failures](failures.md).",
    ({ failure }) => failure,
  ),
  field(
    ["answered"],
    ["upgrade", "boolean"],
    "Whether it was a handshake, which the backend declined.",
    (r) => r.upgrade,
  ),
  field(
    ["answered"],
    ["complete", "boolean"],
    "False if the answer was cut short, by either side.",
    ({ complete }) => complete,
  ),
  field(
    ["relayed"],
    ["subprotocol", "string"],
    "What both sides agreed on; null if nothing. What is too long to be a name is not written.",
    ({ subprotocol }) => subprotocol,
  ),
  field(["relayed"], ["by", "string"], `Who ended it: ${words(ENDERS)}.`, ({ by }) => by),
  field(["relayed"], ["cause", "string"], `Why it ended: ${words(CAUSES)}.`, ({ cause }) => cause),
  field(
    ["relayed"],
    ["clean", "boolean"],
    "Whether every byte was delivered and both connections were closed in order.",
    ({ clean }) => clean,
  ),
  field(
    ["relayed", "answered"],
    ["durationMs", "milliseconds"],
    "Of a WebSocket: from its 101 to its end. Of an answer: from the request's head to the answer's last byte.",
    ({ durationMs }) => rounded(durationMs),
  ),
  ...fromEach("bytes", "bytes", "Read from the {party} after the 101, frame headers included.", (flow) => flow.bytes),
  ...fromEach("frames", "count", "Frames read from the {party}.", (flow) => flow.frames),
  ...fromEach("messages", "count", "Messages read from the {party}.", (flow) => flow.messages),
  ...fromEach(
    "undelivered",
    "bytes",
    "Read from the {party} and never taken by the other side.",
    (flow) => flow.undeliveredBytes,
  ),
  field(
    ["relayed"],
    ["closeFromClient", "close code"],
    "Of the Close frame that the client sent; null if none came.",
    ({ sides }) => sides.client.received?.code ?? null,
  ),
  field(
    ["relayed"],
    ["closeToClient", "close code"],
    "Of the Close frame that the client got; null if none was sent.",
    ({ sides }) => sides.client.sent?.code ?? null,
  ),
  field(
    ["relayed"],
    ["closeFromBackend", "close code"],
    "Of the Close frame that the backend sent; null if none came.",
    ({ sides }) => sides.backend.received?.code ?? null,
  ),
  field(
    ["relayed"],
    ["closeToBackend", "close code"],
    "Of the Close frame that the backend got; null if none was sent.",
    ({ sides }) => sides.backend.sent?.code ?? null,
  ),
  field(
    ["relayed"],
    ["clientEnded", "string"],
    "How the client's connection ended: `fin` or `reset` by the client, `tls-error`, `cut` by Fairlead, or `timeout`.",
    ({ sides }) => sides.client.ended,
  ),
  field(
    ["relayed"],
    ["backendEnded", "string"],
    "How the backend's connection ended, in the same words.",
    ({ sides }) => sides.backend.ended,
  ),
  field(
    ["relayed"],
    ["errno", "string"],
    "The system's name of the error that ended a connection, the client's first; null if there was none.",
    ({ sides }) => sides.client.errno ?? sides.backend.errno,
  ),
  field(
    ["relayed", "refused"],
    ["detail", "string"],
    "A sentence about what happened; null if there is nothing to add.",
    ({ detail }) => detail,
  ),
];

const BY_OUTCOME: ReadonlyMap<Outcome, readonly AccessField[]> = new Map(
  ALL.map((outcome) => [outcome, ACCESS_FIELDS.filter(({ outcomes }) => outcomes.includes(outcome))]),
);

/** The fields of a report's line. Queries, headers and credentials are not in a report, so they cannot be in the line. */
export function lineOf(report: Report): LogFields {
  const line: Record<string, unknown> = {};
  for (const { name, read } of BY_OUTCOME.get(report.outcome) ?? []) line[name] = read(report);
  return line;
}

type Of<Name extends Outcome> = Extract<Report, { readonly outcome: Name }>;

function field<const Name extends Outcome>(
  outcomes: readonly Name[],
  [name, type]: readonly [name: string, type: string],
  meaning: string,
  read: (report: Of<Name>) => unknown,
): AccessField {
  const isOfThese = (report: Report): report is Of<Name> => outcomes.some((outcome) => outcome === report.outcome);
  return { name, type, meaning, outcomes, read: (report) => (isOfThese(report) ? read(report) : undefined) };
}

type Flow = Of<"relayed">["from"]["client"];

/** `In` is what the client sent, `Out` what the backend sent. */
function fromEach(name: string, type: string, meaning: string, read: (flow: Flow) => number): readonly AccessField[] {
  const about = (party: string): string => meaning.replace("{party}", party);
  return [
    field(["relayed"], [`${name}In`, type], about("client"), ({ from }) => read(from.client)),
    field(["relayed"], [`${name}Out`, type], about("backend"), ({ from }) => read(from.backend)),
  ];
}

function routeOf({ route }: Report): string | null {
  return route === null ? null : ruleText(route);
}

/** A rule's name in one text. */
export function ruleText({ kind, namespace, name, rule }: RuleName): string {
  return `${kind}/${namespace}/${name}/${rule}`;
}

function words(list: readonly string[]): string {
  return list.map((word) => `\`${word}\``).join(", ");
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}
