import { FAILURES, type Failure, type FailureName, ProxyError } from "../../base/failures.ts";
import { parseResponseHead, type ResponseHead } from "../../proxy/handshake/parse-response-head.ts";
import { showDuration } from "../show-duration.ts";
import { ProbeError } from "./findings.ts";
import { type Taken, type Wire, WireEndError, WireTimeoutError } from "./wire.ts";

/** An answer to the handshake: its head, and the beginning of its body unless it is a 101. */
export type Answer = { readonly head: ResponseHead; readonly body: string };

/** How long an answer may take in all. */
export type AnswerLimits = { readonly untilMs: number; readonly timeoutMs: number; readonly address: string };

/** The most interim answers (RFC 9110 15.2) before the final one. */
const MAX_INTERIM = 8;
const MAX_BODY = 2_048;

/** Reads the answer, and no byte behind the head of a 101. Throws ProbeError. */
export async function readAnswer(wire: Wire, limits: AnswerLimits): Promise<Answer> {
  for (let interim = 0; interim <= MAX_INTERIM; interim += 1) {
    const head = await readHead(wire, limits);
    if (head.status === 101) return { head, body: "" };
    if (head.status >= 200) return { head, body: await readBody(wire, head, limits.untilMs) };
  }
  throw new ProbeError("InvalidAnswer", { reason: `more than ${MAX_INTERIM} interim answers` });
}

/** Which of Fairlead's own answers this is; null if it is somebody else's. */
export function failureOf({ head, body }: Answer): FailureName | null {
  const title = body.split("\n", 1)[0]?.trim();
  const rows = Object.entries(FAILURES) as readonly (readonly [FailureName, Failure])[];
  // A table may refuse with a status of its own.
  const found = rows.find(
    ([name, row]) => row.title === title && (row.status === head.status || name === "RouteRefused"),
  );
  return found?.[0] ?? null;
}

async function readHead(wire: Wire, { untilMs, timeoutMs, address }: AnswerLimits): Promise<ResponseHead> {
  try {
    return await wire.read((bytes) => takeHead(bytes, address), untilMs);
  } catch (error) {
    if (error instanceof WireTimeoutError) throw new ProbeError("AnswerTimeout", { limit: showDuration(timeoutMs) });
    if (!(error instanceof WireEndError)) throw error;
    // In TLS 1.3 a server judges the client's certificate after the client's handshake is done (RFC 8446 4.4.2.4).
    const isAsked = error.how.includes("CERTIFICATE_REQUIRED");
    throw isAsked
      ? new ProbeError("ClientCertificateRequired", { reason: error.how })
      : new ProbeError("ClosedWithoutAnswer");
  }
}

function takeHead(bytes: Buffer, address: string): Taken<ResponseHead> {
  if (bytes.length === 0) return null;
  // An alert record (RFC 8446 5.1): to a TLS server an HTTP request is a broken ClientHello.
  if (bytes[0] === 0x15 && (bytes.length < 2 || bytes[1] === 0x03)) throw new ProbeError("TlsExpected", { address });
  try {
    const parsed = parseResponseHead(bytes);
    return parsed === null ? null : { value: parsed.head, bytes: parsed.length };
  } catch (error) {
    if (!(error instanceof ProxyError)) throw error;
    throw new ProbeError("InvalidAnswer", { reason: error.detail.replace("the answer is not valid: ", "") });
  }
}

/** The beginning of a body, as far as it comes: it is only shown. */
async function readBody(wire: Wire, head: ResponseHead, untilMs: number): Promise<string> {
  const fields = new Map(head.fields.map(([name, value]) => [name.toLowerCase(), value]));
  const length = Number(fields.get("content-length") ?? MAX_BODY);
  const wanted = Number.isSafeInteger(length) ? Math.min(length, MAX_BODY) : MAX_BODY;
  const chunked = /chunked/i.test(fields.get("transfer-encoding") ?? "");
  let seen = Buffer.alloc(0);
  try {
    await wire.read((bytes): Taken<true> => {
      seen = Buffer.from(bytes);
      const isOver = seen.length >= wanted || (chunked && seen.includes("\r\n0\r\n"));
      return isOver ? { value: true, bytes: bytes.length } : null;
    }, untilMs);
  } catch (error) {
    if (!(error instanceof WireEndError) && !(error instanceof WireTimeoutError)) throw error;
  }
  const text = seen.subarray(0, wanted).toString("utf8");
  return chunked ? text.replace(/^[0-9a-f]+[^\n]*\r\n/i, "") : text;
}
