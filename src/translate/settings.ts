import { parseDuration } from "../base/duration.ts";
import type { DrainSettings, Timeouts } from "../table/routing-table.ts";
import type { RuleScope } from "./rule-scope.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** What a duration field may be, and what it is when nobody says. */
export type DurationField = {
  readonly defaultMs: number;
  readonly maxMs: number;
  /** The bounds in words. */
  readonly bounds: string;
  /** True if 0s has a meaning. */
  readonly zero: boolean;
};

/** Every duration of a rule, once: its bounds are those of the schema. */
export const DURATIONS = {
  connect: { defaultMs: 5000, maxMs: 10 * MINUTE_MS, bounds: "more than 0s and at most 10m", zero: false },
  handshake: { defaultMs: 10_000, maxMs: HOUR_MS, bounds: "more than 0s and at most 1h", zero: false },
  idle: { defaultMs: HOUR_MS, maxMs: 576 * HOUR_MS, bounds: "at most 576h; 0s for no limit", zero: true },
  maxConnectionDuration: { defaultMs: 0, maxMs: 576 * HOUR_MS, bounds: "at most 576h; 0s for no limit", zero: true },
  close: { defaultMs: 5000, maxMs: 10 * MINUTE_MS, bounds: "more than 0s and at most 10m", zero: false },
  window: { defaultMs: MINUTE_MS, maxMs: 24 * HOUR_MS, bounds: "at most 24h", zero: true },
} as const satisfies Record<string, DurationField>;

const DEFAULT_DRAIN_CODE = 1012;
const DEFAULT_DRAIN_REASON = "service restart";

/** A duration in milliseconds, or null if it is unreadable or outside the field's bounds. */
export function readDuration(written: string, field: DurationField): number | null {
  const ms = parseDuration(written);
  if (ms === null || ms > field.maxMs || (ms === 0 && !field.zero)) return null;
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
  const written = scope.rule.spec.timeouts ?? {};
  const ms = (name: Exclude<keyof typeof DURATIONS, "window">): number =>
    durationOf(scope, `timeouts.${name}`, written[name], DURATIONS[name]);
  return {
    connectMs: ms("connect"),
    handshakeMs: ms("handshake"),
    idleMs: ms("idle"),
    maxConnectionDurationMs: ms("maxConnectionDuration"),
    closeMs: ms("close"),
  };
}

/** How the sockets of a rule are told to go; a window beyond the operator's bound is clamped to it. */
export function translateDrain(scope: RuleScope): DrainSettings {
  const written = scope.rule.spec.drain ?? {};
  return {
    code: closeCodeOf(scope, written.code ?? DEFAULT_DRAIN_CODE),
    reason: closeReasonOf(scope, written.reason ?? DEFAULT_DRAIN_REASON),
    windowMs: windowOf(scope, written.window),
    onRouteDeleted: written.onRouteDeleted === "Close" ? "Close" : "Keep",
  };
}

function windowOf(scope: RuleScope, written: string | undefined): number {
  const { maxDrainWindowMs } = scope.options;
  const windowMs = durationOf(scope, "drain.window", written, DURATIONS.window);
  if (windowMs <= maxDrainWindowMs) return windowMs;
  if (written !== undefined) {
    scope.report({
      field: "drain.window",
      value: written,
      reason: "DrainWindowClamped",
      message: `The grace period leaves room for a window of ${maxDrainWindowMs} ms; that is used.`,
      effect: "ignored",
    });
  }
  return maxDrainWindowMs;
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
