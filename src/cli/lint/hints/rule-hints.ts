import type { Forward } from "../../../table/routing-table.ts";
import { refOf } from "../../../translate/order.ts";
import type { TranslateOptions } from "../../../translate/translation.ts";
import type { HintCode } from "../hints.ts";
import type { Hint } from "./hint.ts";
import type { WrittenRule } from "./routes.ts";

type Doubt = {
  readonly code: HintCode;
  readonly field: string;
  readonly value: string;
  readonly message: string;
};

type Judge = (forward: Forward, options: TranslateOptions, written: WrittenRule["written"]) => readonly Doubt[];

const JUDGES: readonly Judge[] = [judgeWeights, judgePings, judgeConnect, judgeDuration, judgeClose, judgeBackendTls];

/** What contradicts itself within one rule; rules that are refused say enough already. */
export function ruleHints({ source, written, rule }: WrittenRule, options: TranslateOptions): readonly Hint[] {
  const { action } = rule;
  if (action.type === "Refuse") return [];
  return JUDGES.flatMap((judge) => judge(action, options, written)).map(({ field, ...doubt }) => ({
    ...doubt,
    object: refOf(source.object),
    field: written.locate(field),
  }));
}

function judgeWeights({ backends }: Forward): readonly Doubt[] {
  if (backends.some(({ weight }) => weight > 0)) return [];
  const message = "Expected a weight above 0 for one backend: no share of the requests goes anywhere.";
  return [{ code: "ZeroWeights", field: "backendRefs[0].weight", value: "0", message }];
}

function judgePings({ keepalive, timeouts }: Forward): readonly Doubt[] {
  const { pingIntervalMs } = keepalive;
  if (pingIntervalMs === 0 || timeouts.idleMs === 0 || pingIntervalMs < timeouts.idleMs) return [];
  const message = `Expected less than the idle timeout of ${shown(timeouts.idleMs)}.`;
  return [{ code: "PingAfterIdle", field: "keepalive.pingInterval", value: shown(pingIntervalMs), message }];
}

function judgeConnect({ timeouts: { connectMs, handshakeMs } }: Forward): readonly Doubt[] {
  if (connectMs <= handshakeMs) return [];
  const message = `Expected at most the handshake timeout of ${shown(handshakeMs)}.`;
  return [{ code: "ConnectBeyondHandshake", field: "timeouts.connect", value: shown(connectMs), message }];
}

function judgeDuration({ timeouts }: Forward, _: TranslateOptions, { spec }: WrittenRule["written"]): readonly Doubt[] {
  const { idleMs, maxConnectionDurationMs: longestMs } = timeouts;
  if (spec.timeouts?.idle === undefined || longestMs === 0 || idleMs < longestMs) return [];
  const message = `Expected less than the maxConnectionDuration of ${shown(longestMs)}.`;
  return [{ code: "IdleBeyondDuration", field: "timeouts.idle", value: shown(idleMs), message }];
}

function judgeClose({ timeouts: { closeMs } }: Forward, { maxDrainMs }: TranslateOptions): readonly Doubt[] {
  if (closeMs <= maxDrainMs) return [];
  const message = `Expected at most the ${shown(maxDrainMs)} that the grace period leaves.`;
  return [{ code: "CloseBeyondGrace", field: "timeouts.close", value: shown(closeMs), message }];
}

function judgeBackendTls({ backends }: Forward): readonly Doubt[] {
  const isOpen = backends.some((backend) => backend.type === "Pool" && backend.tls?.verify === false);
  if (!isOpen) return [];
  const message = "Any certificate is accepted from the backends of this rule.";
  return [{ code: "UnverifiedBackend", field: "backendTLS.insecureSkipVerify", value: "true", message }];
}

/** Milliseconds in the largest unit that needs no fraction. */
function shown(ms: number): string {
  const units = [
    ["h", 3_600_000],
    ["m", 60_000],
    ["s", 1_000],
  ] as const;
  const [unit, size] = units.find(([, each]) => ms > 0 && ms % each === 0) ?? ["ms", 1];
  return `${ms / size}${unit}`;
}
