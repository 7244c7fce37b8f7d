import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import { FAILURES, type Failure, ProxyError } from "../../base/failures.ts";
import type { Clock } from "../../base/ports.ts";
import type { Field } from "../../base/request-facts.ts";
import type { Side } from "../relay/relay.ts";
import { formatHead } from "./header-fields.ts";

/** An answer of our own, complete but for its way to the client. */
export type Refusal = {
  readonly error: ProxyError;
  readonly status: number;
  readonly fields: readonly Field[];
  readonly body: string;
};

/** How answers of our own are written. */
export type RefusalSettings = {
  /** Shows the detail of a failure in the body; off unless --debug-responses. */
  readonly debugResponses: boolean;
  /** How long a refused client may take to read its answer and close. */
  readonly lingerMs: number;
  /** From 0 to below 1. */
  readonly random: () => number;
};

const UPGRADE_WANTED: readonly Field[] = [
  ["Upgrade", "websocket"],
  ["Connection", "Upgrade, close"],
];

/** How the connection of a refused plain request ends. */
export type LingerSettings = { readonly clock: Clock; readonly lingerMs: number; readonly keep: boolean };

/** The one form of our error answers: a short text, Connection: close, and the request's id. Anything thrown that is no ProxyError is Internal. */
export function describeRefusal(thrown: unknown, requestId: string, settings: RefusalSettings): Refusal {
  const error = asProxyError(thrown);
  const failure: Failure = FAILURES[error.failure];
  const detail = settings.debugResponses ? `${printable(error.detail)}\n` : "";
  const body = `${failure.title}\n${detail}`;
  const fields: readonly Field[] = [
    ["Content-Type", "text/plain; charset=utf-8"],
    ["Content-Length", String(Buffer.byteLength(body))],
    ["Cache-Control", "no-store"],
    ["X-Request-Id", requestId],
    ...retryAfter(failure, settings.random),
    ...error.headers,
    // An answer 426 names what to upgrade to (RFC 9110 15.5.22).
    ...(error.status === 426 ? UPGRADE_WANTED : [["Connection", "close"] as const]),
  ];
  return { error, status: error.status, fields, body };
}

function retryAfter({ retryAfter: range }: Failure, random: () => number): readonly Field[] {
  if (range === undefined) return [];
  return [["Retry-After", String(range.least + Math.floor(random() * (range.most - range.least + 1)))]];
}

/** Refuses an upgrade: writes the answer and ends the connection. A client that is owed nothing is reset. Never throws. */
export async function refuseUpgrade(client: Side, refusal: Refusal, settings: RefusalSettings): Promise<void> {
  if (refusal.status === 0) {
    client.close("reset", 0);
    return;
  }
  const startLine = `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status] ?? "Error"}`;
  const answer = Buffer.concat([formatHead(startLine, refusal.fields), Buffer.from(refusal.body)]);
  try {
    await client.write(answer);
    client.close("fin", settings.lingerMs);
  } catch {
    client.close("reset", 0);
  }
}

/**
 * Refuses a plain request. Once a response has begun there is nothing left to say: the connection is destroyed.
 * `keep` leaves the connection open for the next request, if all of this one has arrived; otherwise it is closed when the
 * rest was read and dropped, or after `lingerMs`: closing over unread bytes would take the answer away from the client.
 */
export function refuseRequest(response: ServerResponse, refusal: Refusal, settings: LingerSettings): void {
  const request = response.req;
  if (refusal.status === 0 || response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  if (request.complete || !hasBody(request)) {
    writeHead(response, refusal.status, settings.keep ? keepingOpen(refusal.fields) : refusal.fields);
    response.end(refusal.body);
    return;
  }
  writeHead(response, refusal.status, refusal.fields);
  response.write(refusal.body);
  // Node holds the bytes back for a tick, in which a parse error would destroy the socket over them.
  response.socket?.uncork();
  const close = (): void => {
    timer.stop();
    response.end();
  };
  const timer = settings.clock.after(settings.lingerMs, close);
  request.once("end", close);
  request.once("close", close);
  request.resume();
}

// A backend's reason phrase that could not be written would stay, and be in the way of this head too.
function writeHead(response: ServerResponse, status: number, fields: readonly Field[]): void {
  response.writeHead(status, STATUS_CODES[status] ?? "Error", fields.flat());
}

// `complete` is not yet true while Node announces a request, not even for one without a body.
function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || !/^0*$/.test(headers["content-length"] ?? "");
}

function keepingOpen(fields: readonly Field[]): readonly Field[] {
  return fields.flatMap(([name, value]) => {
    if (name !== "Connection") return [[name, value]];
    return value === "close" ? [] : [[name, "Upgrade"]];
  });
}

function asProxyError(thrown: unknown): ProxyError {
  if (thrown instanceof ProxyError) return thrown;
  return new ProxyError("Internal", thrown instanceof Error ? thrown.message : String(thrown));
}

// Details quote requests; a terminal that shows the answer must not obey them.
function printable(text: string): string {
  return text.slice(0, 500).replaceAll(/[^\u0020-\u007e]/g, "?");
}
