import type { Both, SideEnd } from "../base/endings.ts";
import type { Log, LogFields } from "../base/ports.ts";
import type { AnsweredReport, RefusedReport, RelayedReport, Report, ReportHead } from "../base/report.ts";

/**
 * Writes one line for each report: a WebSocket at its end, a refusal and a plain request when answered.
 * Queries, headers and credentials are not in a report, so they cannot be in the line.
 */
export function createAccessLog(log: Log): (report: Report) => void {
  return (report) => {
    const level = isWorthAWarning(report) ? "warn" : "info";
    log[level](lineOf(report), sentenceOf(report));
  };
}

/** The line as a person reads it on a terminal, where the fields are not shown. */
export function sentenceOf(report: Report): string {
  const target = `${report.method === "" ? "(unreadable)" : report.method} ${report.secure ? "https" : "http"}://${report.host ?? "?"}${report.path ?? ""}`;
  const endpoint = report.endpoint === null ? "" : ` -> ${report.service ?? ""} ${report.endpoint}`;
  return `${report.status} ${target}${endpoint}, ${outcomeOf(report)}`;
}

function outcomeOf(report: Report): string {
  switch (report.outcome) {
    case "relayed": {
      const { from, cause, by } = report;
      const codes = closeCodes(report.sides).join("/");
      return `${from.client.messages} ${from.client.messages === 1 ? "message" : "messages"} in, ${from.backend.messages} out, ended by ${by} (${cause}${codes === "" ? "" : ` ${codes}`}) after ${duration(report.durationMs)}`;
    }
    case "refused":
      return `refused: ${report.failure}, ${report.detail}`;
    case "answered":
      return `${report.complete ? "answered" : "cut short"} in ${duration(report.durationMs)}`;
    default:
      return report satisfies never;
  }
}

/** The code that each side was sent or sent itself, once where they are equal. */
function closeCodes({ client, backend }: Both<SideEnd>): readonly number[] {
  const codes = [client.sent ?? client.received, backend.sent ?? backend.received].map((words) => words?.code);
  return [...new Set(codes.filter((code) => code !== undefined))];
}

function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  return ms < 60_000 ? `${(ms / 1_000).toFixed(1)} s` : `${Math.round(ms / 60_000)} min`;
}

/** The proxy's own faults and those of the configuration; a client's mistake is no reason to wake anyone. */
function isWorthAWarning(report: Report): boolean {
  return report.outcome === "refused" && report.status >= 500;
}

/** The fields of a report's line, flat and in the order in which a person reads them. */
export function lineOf(report: Report): LogFields {
  const head = { outcome: report.outcome, ...headOf(report) };
  switch (report.outcome) {
    case "relayed":
      return { ...head, ...relayedFields(report) };
    case "refused":
      return { ...head, ...refusedFields(report) };
    case "answered":
      return { ...head, ...answeredFields(report) };
    default:
      return report satisfies never;
  }
}

function headOf(head: ReportHead): LogFields {
  return {
    id: head.id,
    clientAddress: head.clientAddress,
    peerAddress: head.peerAddress,
    secure: head.secure,
    method: head.method,
    host: head.host,
    path: head.path,
    route:
      head.route === null ? null : `${head.route.kind}/${head.route.namespace}/${head.route.name}/${head.route.rule}`,
    service: head.service,
    endpoint: head.endpoint,
    handshakeMs: rounded(head.handshakeMs),
  };
}

function relayedFields(report: RelayedReport): LogFields {
  return {
    status: report.status,
    subprotocol: report.subprotocol,
    cause: report.cause,
    by: report.by,
    clean: report.clean,
    durationMs: rounded(report.durationMs),
    bytesIn: report.from.client.bytes,
    bytesOut: report.from.backend.bytes,
    framesIn: report.from.client.frames,
    framesOut: report.from.backend.frames,
    messagesIn: report.from.client.messages,
    messagesOut: report.from.backend.messages,
    undeliveredIn: report.from.client.undeliveredBytes,
    undeliveredOut: report.from.backend.undeliveredBytes,
    ...closesOf(report.sides),
    detail: report.detail,
  };
}

function closesOf(sides: Both<SideEnd>): LogFields {
  return {
    closeFromClient: sides.client.received?.code ?? null,
    closeToClient: sides.client.sent?.code ?? null,
    closeFromBackend: sides.backend.received?.code ?? null,
    closeToBackend: sides.backend.sent?.code ?? null,
    clientEnded: sides.client.ended,
    backendEnded: sides.backend.ended,
    errno: sides.client.errno ?? sides.backend.errno,
  };
}

function refusedFields(report: RefusedReport): LogFields {
  return { status: report.status, failure: report.failure, detail: report.detail };
}

function answeredFields(report: AnsweredReport): LogFields {
  return {
    status: report.status,
    upgrade: report.upgrade,
    complete: report.complete,
    durationMs: rounded(report.durationMs),
  };
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}
