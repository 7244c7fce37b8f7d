import type { Both, CloseWords, Party } from "../../base/endings.ts";
import type { DrainSettings } from "../../table/routing-table.ts";
import type { Violation } from "./frame-rules.ts";

const AWAY = { code: 1001, reason: "" } as const satisfies CloseWords;

/**
 * What each peer is told when Fairlead ends a connection, by situation; codes of RFC 6455 7.4.1 and the IANA registry of
 * WebSocket close codes. A peer whose TCP is dead is told nothing, and a reset tells nobody.
 */
export const CLOSE_WORDS = {
  drain: { client: { code: 1012, reason: "service restart" }, backend: AWAY },
  shutdown: { client: { code: 1012, reason: "service restart" }, backend: AWAY },
  "route-removed": { client: { code: 1012, reason: "service restart" }, backend: AWAY },
  "endpoint-terminating": { client: { code: 1012, reason: "service restart" }, backend: AWAY },
  "backend-lost": { client: { code: 1014, reason: "backend connection lost" }, backend: AWAY },
  shed: { client: { code: 1013, reason: "try again later" }, backend: AWAY },
  lifetime: { client: { code: 1012, reason: "maximum connection duration" }, backend: AWAY },
  "too-large": { client: { code: 1009, reason: "message too big" }, backend: AWAY },
  "too-many": { client: { code: 1008, reason: "rate limit exceeded" }, backend: AWAY },
  "client-protocol-error": { client: { code: 1002, reason: "protocol error" }, backend: AWAY },
  "backend-protocol-error": {
    client: { code: 1014, reason: "bad gateway" },
    backend: { code: 1002, reason: "protocol error" },
  },
  policy: { client: { code: 1008, reason: "no longer permitted" }, backend: AWAY },
  "token-expired": { client: { code: 1008, reason: "token expired" }, backend: AWAY },
  idle: { client: { code: 1001, reason: "idle timeout" }, backend: AWAY },
  "client-ping-timeout": { client: { code: 1001, reason: "ping timeout" }, backend: AWAY },
  "backend-ping-timeout": { client: { code: 1014, reason: "backend ping timeout" }, backend: AWAY },
  admin: { client: { code: 1001, reason: "closed by an administrator" }, backend: AWAY },
  error: { client: { code: 1011, reason: "internal error" }, backend: AWAY },
} as const satisfies Record<string, Both<CloseWords>>;

/** A row of CLOSE_WORDS. */
export type Situation = keyof typeof CLOSE_WORDS;

/** What both peers are told after `by` sent something that cannot be passed on. */
export function violationWords(by: Party, violation: Violation): Both<CloseWords> {
  if (violation.code === 1009) return CLOSE_WORDS["too-large"];
  if (violation.code === 1008) return CLOSE_WORDS["too-many"];
  return by === "client" ? CLOSE_WORDS["client-protocol-error"] : CLOSE_WORDS["backend-protocol-error"];
}

/** What both peers are told when their route's drain settings speak for it: the client hears the route's own words. */
export function drainWords({ code, reason }: Pick<DrainSettings, "code" | "reason">): Both<CloseWords> {
  return { client: { code, reason }, backend: AWAY };
}
