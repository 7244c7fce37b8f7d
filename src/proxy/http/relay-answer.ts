import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { ProxyError } from "../../base/failures.ts";
import type { Field } from "../../base/request-facts.ts";
import type { HeaderEdits } from "../../table/routing-table.ts";
import { editFields, endToEndFields } from "../handshake/header-fields.ts";
import type { BodyWatch } from "./body-watch.ts";
import { pumpBody } from "./pump-body.ts";

/** How an answer is passed on. */
export type AnswerSettings = {
  readonly edits: HeaderEdits;
  /** Say `Connection: close`: this replica is leaving. */
  readonly close: boolean;
};

/**
 * Writes the backend's response head to the client and sends it at once, for events may be long in coming. Trailers and
 * 1xx answers other than 100 are not passed on. Throws ProxyError InvalidBackendAnswer, having written nothing.
 */
export function writeAnswerHead(answer: IncomingMessage, response: ServerResponse, settings: AnswerSettings): void {
  const status = answer.statusCode ?? 502;
  const passed = endToEndFields(pairs(answer.rawHeaders));
  const fields = editFields(passed, settings.edits).filter(([name]) => !(status === 204 && isLength(name)));
  const hop = connectionFields(status === 426 && answer.headers.upgrade?.toLowerCase() === "websocket", settings.close);
  try {
    requireDecodable(answer);
    response.writeHead(status, reasonOf(answer), [...fields, ...hop].flat());
  } catch (error) {
    // Nothing else that comes on this connection can be trusted either.
    answer.destroy();
    throw new ProxyError("InvalidBackendAnswer", error instanceof Error ? error.message : "the head cannot be written");
  }
  response.flushHeaders();
}

// A 426 must name what to upgrade to (RFC 9110 15.5.22). Without a Connection field Node writes its own.
function connectionFields(upgrade: boolean, close: boolean): readonly Field[] {
  const options = [...(upgrade ? ["Upgrade"] : []), ...(close ? ["close"] : [])];
  const connection: readonly Field[] = options.length === 0 ? [] : [["Connection", options.join(", ")]];
  return upgrade ? [["Upgrade", "websocket"], ...connection] : connection;
}

/** Streams the body. Resolves to true when the client's socket took all of it, to false when either side was cut short. */
export function relayAnswerBody(answer: IncomingMessage, response: ServerResponse, watch: BodyWatch): Promise<boolean> {
  return new Promise((resolve) => {
    response.once("finish", () => resolve(true));
    response.once("close", () => resolve(false));
    if (response.destroyed) return resolve(false);
    const end = (): void => {
      if (answer.complete) response.end();
      else cutClient(answer, response);
    };
    answer.once("close", () => {
      if (!answer.complete) cutClient(answer, response);
    });
    // Its body cannot be read any more, however much of it had arrived.
    if (answer.destroyed) return cutClient(answer, response);
    watch.answering(pumpBody(answer, response, { progressed: watch.touch, ended: end }));
  });
}

/** Ends a connection whose answer is incomplete, in a way that no client can take for the answer's end. */
export function cutClient(answer: IncomingMessage, response: ServerResponse): void {
  const { socket } = response;
  if (!(socket instanceof Socket)) response.destroy();
  // What the backend did send is still delivered.
  else if (isFramed(answer, response) && socket.writableLength > 0) socket.destroySoon();
  else abandonClient(answer, response);
}

/** The same for a client that takes nothing any more: what waits for it is dropped. */
export function abandonClient(answer: IncomingMessage, response: ServerResponse): void {
  const { socket } = response;
  // Where only the end of the connection ends the body, a FIN would lie. TLS has close_notify, which destroy leaves out.
  if (!isFramed(answer, response) && socket instanceof Socket && !(socket instanceof TLSSocket))
    socket.resetAndDestroy();
  else response.destroy();
}

function isFramed(answer: IncomingMessage, response: ServerResponse): boolean {
  return response.chunkedEncoding || answer.headers["content-length"] !== undefined;
}

/** A coding that we did not ask for, and that removing Transfer-Encoding would hide. */
function requireDecodable(answer: IncomingMessage): void {
  const coding = answer.headers["transfer-encoding"];
  if (coding === undefined || coding.toLowerCase() === "chunked") return;
  throw new Error("a transfer coding other than chunked");
}

/** The backend's own words if they can be written; nobody is to act on them (RFC 9112 4). */
function reasonOf({ statusCode = 0, statusMessage = "" }: IncomingMessage): string {
  const isWritable = /^[\t\u0020-\u007e\u0080-\u00ff]+$/.test(statusMessage);
  return isWritable ? statusMessage : (STATUS_CODES[statusCode] ?? "");
}

function isLength(name: string): boolean {
  return name.toLowerCase() === "content-length";
}

function pairs(raw: readonly string[]): readonly Field[] {
  const fields: Field[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) fields.push([raw[index] ?? "", raw[index + 1] ?? ""]);
  return fields;
}
