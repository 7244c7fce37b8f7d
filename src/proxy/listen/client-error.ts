import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { FAILURES, type FailureName } from "../../base/failures.ts";

const LINGER_MS = 1000;

const BY_CODE: Readonly<Record<string, FailureName>> = {
  HPE_HEADER_OVERFLOW: "HeaderFieldsTooLarge",
  ERR_HTTP_REQUEST_TIMEOUT: "RequestTimeout",
  HPE_INVALID_EOF_STATE: "ClientGone",
  ECONNRESET: "ClientGone",
  EPIPE: "ClientGone",
  ETIMEDOUT: "ClientGone",
};

/** What an error of the HTTP parser or of the connection beneath it means. */
export function failureOf(error: NodeJS.ErrnoException): FailureName {
  return BY_CODE[error.code ?? ""] ?? "BadRequest";
}

/** Answers a request whose head could not be read, by its id if it has one, and ends the connection; the client has a second to take the answer. Never throws. */
export function answerFailure(socket: Duplex, failure: FailureName, requestId: string | null): void {
  const { status, title } = FAILURES[failure];
  socket.on("error", () => socket.destroy());
  if (status === 0 || !socket.writable) {
    socket.destroy();
    return;
  }
  const body = `${title}\n`;
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Error"}`,
      "Content-Type: text/plain; charset=utf-8",
      `Content-Length: ${Buffer.byteLength(body)}`,
      ...(requestId === null ? [] : [`X-Request-Id: ${requestId}`]),
      // A 405 names the methods that would do (RFC 9110 15.5.6): where CONNECT is asked for, none would.
      ...(status === 405 ? ["Allow:"] : []),
      "Connection: close",
      "",
      body,
    ].join("\r\n"),
  );
  // Unread bytes would turn our FIN into an RST, and the client would read nothing of the answer.
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  timer.unref();
  socket.once("close", () => clearTimeout(timer));
}
