import { ProxyError } from "../../base/failures.ts";
import { printObject } from "../../base/object-name.ts";
import type { RuleName } from "../../base/report.ts";
import { escapeText } from "../escape-text.ts";
import { adviceFor } from "../failure-advice.ts";
import type { Answer, ExplainedBackend } from "./explanation.ts";

/** The failure of a TLS connection for a name without a certificate: no request is read, so that it has no status. */
export const UNKNOWN_SERVER_NAME = "UnknownServerName";

const RULES_BELOW = "The rules of the host are below, each with why it does not match.";

/** A request that reaches a backend. */
export function forwarded(name: RuleName, backends: readonly ExplainedBackend[]): Answer {
  const refusing = backends.filter(({ refusal, weight }) => refusal !== null && weight > 0);
  const share = refusing.reduce((sum, { percent }) => sum + percent, 0);
  const note = refusing.length === 0 ? "" : `; ${round(share)} % of such requests are refused`;
  const sentence = `It is forwarded by ${printObject(name)}, rule ${escapeText(name.rule, 300)}${note}.`;
  const advice = refusing.map(({ refusal }) => `${(refusal ?? "").replace(/\.$/, "")}.`).join(" ");
  return { type: "forwarded", status: null, failure: null, sentence, advice, location: null };
}

/** A request that Fairlead answers itself. Throws what is no ProxyError. */
export function refused(thrown: unknown): Answer {
  if (!(thrown instanceof ProxyError)) throw thrown;
  const { failure, status, detail, headers } = thrown;
  const location = headers.find(([name]) => name === "Location")?.[1].replace(/\?.*$/, "") ?? null;
  return {
    type: "refused",
    status,
    failure,
    sentence: `It is answered ${status} (${failure}): ${escapeText(detail, 500).replace(/\.$/, "")}.`,
    advice: failure === "NoRoute" ? RULES_BELOW : adviceFor(failure),
    location: location === null ? null : escapeText(location, 2_000),
  };
}

/** No request can arrive, since the TLS connection is refused. */
export function refusedName(serverName: string | null): Answer {
  const shown = serverName === null ? "a connection without a server name" : `the server name ${serverName}`;
  return {
    type: "refused",
    status: null,
    failure: UNKNOWN_SERVER_NAME,
    sentence: `The TLS connection is refused with the alert unrecognized_name: there is no certificate for ${shown}.`,
    advice:
      "Give the host a certificate in spec.tls of its Ingress or WebSocketRoute, or name a --default-certificate.",
    location: null,
  };
}

/** A rule of which no share can be picked is refused as a whole; null if a backend may answer. */
export function refusalOf(backends: readonly ExplainedBackend[]): ProxyError | null {
  const weighted = backends.filter(({ weight }) => weight > 0);
  if (weighted.length === 0) return new ProxyError("RouteRefused", "no backend has a weight");
  if (weighted.some(({ refusal }) => refusal === null)) return null;
  const detail = weighted.map(({ refusal }) => refusal ?? "").join("; ");
  return new ProxyError(weighted.some(({ service }) => service !== null) ? "NoReadyEndpoint" : "RouteRefused", detail);
}

function round(percent: number): number {
  return Math.round(percent * 10) / 10;
}
