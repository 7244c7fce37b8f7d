import { parseDuration } from "../base/duration.ts";
import type { DrainSettings, Keepalive, Timeouts } from "../table/routing-table.ts";
import type { RuleScope } from "./rule-scope.ts";
import type { RuleSpec } from "./source.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** What a duration field may be, and what it is when nobody says. */
export type DurationField = {
  readonly defaultMs: number;
  readonly minMs: number;
  readonly maxMs: number;
  /** The bounds in words. */
  readonly bounds: string;
};

/** Every duration of a rule, once: its bounds are those of the schema. */
export const DURATIONS = {
  connect: { defaultMs: 5000, minMs: 1, maxMs: 10 * MINUTE_MS, bounds: "more than 0s and at most 10m" },
  handshake: { defaultMs: 10_000, minMs: 1, maxMs: HOUR_MS, bounds: "more than 0s and at most 1h" },
  idle: { defaultMs: HOUR_MS, minMs: 0, maxMs: 576 * HOUR_MS, bounds: "at most 576h; 0s for no limit" },
  maxConnectionDuration: { defaultMs: 0, minMs: 0, maxMs: 576 * HOUR_MS, bounds: "at most 576h; 0s for no limit" },
  close: { defaultMs: 5000, minMs: 1, maxMs: 10 * MINUTE_MS, bounds: "more than 0s and at most 10m" },
  window: { defaultMs: MINUTE_MS, minMs: 0, maxMs: 24 * HOUR_MS, bounds: "at most 24h" },
  pingInterval: { defaultMs: 0, minMs: 1000, maxMs: HOUR_MS, bounds: "at least 1s and at most 1h" },
  pongTimeout: { defaultMs: 10_000, minMs: 1000, maxMs: 10 * MINUTE_MS, bounds: "at least 1s and at most 10m" },
} as const satisfies Record<string, DurationField>;

const DEFAULT_DRAIN_CODE = 1012;
const DEFAULT_DRAIN_REASON = "service restart";

/** A duration in milliseconds, or null if it is unreadable or outside the field's bounds. */
export function readDuration(written: string, field: DurationField): number | null {
  const ms = parseDuration(written);
  if (ms === null || ms < field.minMs || ms > field.maxMs) return null;
  return ms;
}

/** True of a code that may be sent in a Close frame (RFC 6455 7.4; 1004 to 1006 and 1015 may not). */
export function isCloseCode(code: number): boolean {
  if (!Number.isInteger(code)) return false;
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

/** True of a reason that fits a Close frame: at most 123 bytes of UTF-8 (RFC 6455 5.5). */
export function isCloseReason(reason: string): boolean {
  return reason.length <= 123 && reason.isWellFormed() && Buffer.byteLength(reason) <= 123;
}

/** The timeouts of a rule; what cannot be read refuses the rule. */
export function translateTimeouts(scope: RuleScope): Timeouts {
  const written: NonNullable<RuleSpec["timeouts"]> = scope.rule.spec.timeouts ?? {};
  const ms = (name: keyof typeof written & keyof typeof DURATIONS): number =>
    durationOf(scope, `timeouts.${name}`, written[name], DURATIONS[name]);
  return {
    connectMs: ms("connect"),
    handshakeMs: ms("handshake"),
    idleMs: ms("idle"),
    maxConnectionDurationMs: ms("maxConnectionDuration"),
    closeMs: ms("close"),
  };
}

/** The Pings of a rule. The schema asks for pingInterval beside pongTimeout; annotations cannot be held to it, so it is told. */
export function translateKeepalive(scope: RuleScope): Keepalive {
  const { pingInterval, pongTimeout } = scope.rule.spec.keepalive ?? {};
  if (pingInterval === undefined && pongTimeout !== undefined) {
    scope.report({
      field: "keepalive.pongTimeout",
      value: pongTimeout,
      reason: "UnsupportedValue",
      message: "No Ping is sent that could be answered: the interval of Pings is not set.",
      effect: "ignored",
    });
  }
  return {
    pingIntervalMs: durationOf(scope, "keepalive.pingInterval", pingInterval, DURATIONS.pingInterval),
    pongTimeoutMs: durationOf(scope, "keepalive.pongTimeout", pongTimeout, DURATIONS.pongTimeout),
  };
}

/** How the sockets of a rule are told to go; a window beyond the operator's bound is clamped to it. */
export function translateDrain(scope: RuleScope, closeMs: number): DrainSettings {
  const written = scope.rule.spec.drain ?? {};
  return {
    code: closeCodeOf(scope, written.code ?? DEFAULT_DRAIN_CODE),
    reason: closeReasonOf(scope, written.reason ?? DEFAULT_DRAIN_REASON),
    windowMs: windowOf(scope, written.window, closeMs),
    onRouteDeleted: written.onRouteDeleted === "Close" ? "Close" : "Keep",
  };
}

function windowOf(scope: RuleScope, written: string | undefined, closeMs: number): number {
  const maxWindowMs = Math.max(0, scope.options.maxDrainMs - closeMs);
  const windowMs = durationOf(scope, "drain.window", written, DURATIONS.window);
  if (windowMs <= maxWindowMs) return windowMs;
  if (written !== undefined) {
    scope.report({
      field: "drain.window",
      value: written,
      reason: "DrainWindowClamped",
      message: `The grace period leaves room for a window of ${maxWindowMs} ms beside the close timeout; that is used.`,
      effect: "ignored",
    });
  }
  return maxWindowMs;
}

function durationOf(scope: RuleScope, field: string, written: string | undefined, kind: DurationField): number {
  if (written === undefined) return kind.defaultMs;
  const ms = readDuration(written, kind);
  if (ms !== null) return ms;
  scope.refuse({
    field,
    value: written,
    reason: "UnsupportedValue",
    message: `Expected a duration such as 10s or 1h30m, ${kind.bounds}.`,
  });
  return kind.defaultMs;
}

function closeCodeOf(scope: RuleScope, code: number): number {
  if (isCloseCode(code)) return code;
  scope.refuse({
    field: "drain.code",
    value: code,
    reason: "UnsupportedValue",
    message: "Expected a close code that may be sent: 1000 to 1003, 1007 to 1014 or 3000 to 4999.",
  });
  return DEFAULT_DRAIN_CODE;
}

function closeReasonOf(scope: RuleScope, reason: string): string {
  if (isCloseReason(reason)) return reason;
  scope.refuse({
    field: "drain.reason",
    value: reason,
    reason: "UnsupportedValue",
    message: "Expected at most 123 bytes of UTF-8.",
  });
  return DEFAULT_DRAIN_REASON;
}
