import type { FailureName } from "../../base/failures.ts";
import { ProxyError } from "../../base/failures.ts";
import { type Agreement, acceptFor, checkSwitch } from "../../proxy/handshake/check-switch.ts";
import { groupFields } from "../../proxy/handshake/header-fields.ts";
import type { ResponseHead } from "../../proxy/handshake/parse-response-head.ts";
import { type ProbeCode, ProbeError } from "./findings.ts";
import type { ProbeOptions } from "./probe-options.ts";
import type { Redact } from "./redact.ts";
import type { ProbeRequest } from "./write-request.ts";

/** What a status other than 101 says; a hundred stands for those that are not here. */
const CODES: ReadonlyMap<number, ProbeCode> = new Map([
  [200, "NotUpgraded"],
  [300, "Redirected"],
  [400, "MalformedRequest"],
  [401, "Unauthorized"],
  [403, "Forbidden"],
  [404, "NotFound"],
  [407, "Unauthorized"],
  [421, "Misdirected"],
  [426, "UpgradeNotUnderstood"],
  [429, "TooMany"],
  [500, "ServerFault"],
  [502, "BadGateway"],
  [503, "Unavailable"],
  [504, "GatewayTimeout"],
]);

/** What an answer without a 101 means. */
export function judgeStatus(head: ResponseHead, failure: FailureName | null, redact: Redact): ProbeError {
  const { status, reason, fields } = head;
  const location = groupFields(fields).get("location")?.[0] ?? "";
  const shown = redact.field(["Location", location]).replace(/^Location: /, "") || "nowhere";
  const facts = { status: redact.text(`${status} ${reason}`.trim(), 200), location: shown };
  return new ProbeError(codeOf(status, location, failure), facts);
}

/** What client and server agreed on in a 101. Throws ProbeError where a client must not go on (RFC 6455 4.1). */
export function judgeSwitch(head: ResponseHead, request: ProbeRequest, options: ProbeOptions): Agreement {
  const headers = groupFields(head.fields);
  const accepts = headers.get("sec-websocket-accept") ?? [];
  if (accepts.length !== 1 || accepts[0] !== acceptFor(request.key)) throw new ProbeError("WrongAccept");
  const extensions = options.compression ? ["permessage-deflate"] : [];
  try {
    const agreement = checkSwitch(head, { key: request.key, subprotocols: options.subprotocols, extensions });
    if (agreement.extensions === "deflate" && !/server_no_context_takeover/i.test(extensionsOf(head))) {
      throw new ProbeError("InvalidSwitch", {
        reason: "it agrees on permessage-deflate without server_no_context_takeover, which was asked for",
      });
    }
    return agreement;
  } catch (error) {
    if (!(error instanceof ProxyError)) throw error;
    throw new ProbeError("InvalidSwitch", { reason: error.detail.replace("the 101 is not valid: ", "") });
  }
}

/** The Sec-WebSocket-Extensions field of an answer; empty without one. */
export function extensionsOf({ fields }: ResponseHead): string {
  return (groupFields(fields).get("sec-websocket-extensions") ?? []).join(", ");
}

function codeOf(status: number, location: string, failure: FailureName | null): ProbeCode {
  if (failure === "MethodNotAllowed") return "MalformedRequest";
  if (status >= 300 && status < 400 && /^(?:https|wss):/i.test(location)) return "RedirectedToHttps";
  const hundred = status - (status % 100);
  const other = hundred === 400 ? "RefusedByClientFault" : (CODES.get(hundred) ?? "ServerFault");
  return CODES.get(status) ?? other;
}
