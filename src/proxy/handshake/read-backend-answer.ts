import { ProxyError } from "../../base/failures.ts";
import { messageOf } from "../../base/message-of.ts";
import type { Side } from "../relay/relay.ts";
import { parseResponseHead, type ResponseHead } from "./parse-response-head.ts";
import { untilAborted } from "./until-aborted.ts";

/** A backend's final response head, and what was already read behind it. */
export type BackendAnswer = { readonly head: ResponseHead; readonly rest: Buffer };

// 100 and 103 come once; more than a few are a backend that never answers.
const MAX_INTERIM = 8;

/**
 * Reads the final response head; interim ones (RFC 9110 15.2) but 101 are skipped. Rejects with ProxyError BackendReset
 * or InvalidBackendAnswer, and with the signal's reason when aborted.
 */
export async function readBackendAnswer(upstream: Side, signal: AbortSignal): Promise<BackendAnswer> {
  let bytes: Buffer = Buffer.alloc(0);
  let interim = 0;
  for (;;) {
    const parsed = parseResponseHead(bytes);
    if (parsed === null) {
      bytes = Buffer.concat([bytes, await readMore(upstream, signal)]);
      continue;
    }
    bytes = bytes.subarray(parsed.length);
    if (parsed.head.status >= 200 || parsed.head.status === 101) return { head: parsed.head, rest: bytes };
    interim += 1;
    if (interim > MAX_INTERIM)
      throw new ProxyError("InvalidBackendAnswer", "the endpoint sent too many interim answers");
  }
}

async function readMore(upstream: Side, signal: AbortSignal): Promise<Uint8Array> {
  const bytes = await untilAborted(signal, readOrFail(upstream));
  if (bytes === null)
    throw new ProxyError("BackendReset", "the endpoint closed the connection before its answer was complete");
  return bytes;
}

async function readOrFail(upstream: Side): Promise<Uint8Array | null> {
  try {
    return await upstream.read();
  } catch (error) {
    const reason = messageOf(error);
    throw new ProxyError("BackendReset", `the endpoint's connection failed: ${reason}`);
  }
}
