import type { Cause, Party } from "../../base/endings.ts";
import type { RelaySettings } from "./relay.ts";

/** The settings that headers are judged by. A limit of 0 is off. */
export type FrameSettings = Pick<
  RelaySettings,
  "extensions" | "maxFrameBytes" | "maxMessageBytes" | "maxFragments" | "messages" | "controlFramesPerSecond"
>;

/** The rules for the frames of one party, ready to compare with; made once a direction by `frameRules`. */
export type FrameRules = {
  /** The MASK bit that every second byte must carry (RFC 6455 5.1). */
  readonly maskBit: 0x80 | 0;
  /** RSV bits that may be set on the first frame of a message. */
  readonly startRsv: number;
  /** RSV bits that may be set on continuations and control frames. */
  readonly otherRsv: number;
  /** Whether opcodes that RFC 6455 reserves may pass. */
  readonly reservedOpcodes: boolean;
  readonly maxFrameBytes: number;
  readonly maxMessageBytes: number;
  readonly maxFragments: number;
  /** Milliseconds that one message, or one control frame, uses up of its allowance; 0 is unlimited. */
  readonly messageMs: number;
  readonly controlMs: number;
  /** How far ahead of time that allowance may be used. */
  readonly messageBurstMs: number;
  readonly controlBurstMs: number;
};

/** Compiles the settings for the frames that `from` sends. */
export function frameRules(from: Party, settings: FrameSettings): FrameRules {
  const { extensions, controlFramesPerSecond } = settings;
  const { perSecond, burst } = settings.messages[from];
  const messageMs = intervalMs(perSecond);
  const controlMs = intervalMs(controlFramesPerSecond);
  return {
    maskBit: from === "client" ? 0x80 : 0,
    startRsv: { none: 0, deflate: 0x40, other: 0x70 }[extensions],
    otherRsv: extensions === "other" ? 0x70 : 0,
    reservedOpcodes: extensions === "other",
    maxFrameBytes: limit(settings.maxFrameBytes[from]),
    maxMessageBytes: limit(settings.maxMessageBytes[from]),
    maxFragments: limit(settings.maxFragments),
    messageMs,
    controlMs,
    messageBurstMs: burstMs(messageMs, burst),
    controlBurstMs: burstMs(controlMs, controlFramesPerSecond),
  };
}

/** Why a connection cannot go on: the Close code that its sender is owed, and what to write into the report. */
export type Violation = {
  readonly code: 1002 | 1008 | 1009;
  readonly cause: Extract<Cause, "protocol-error" | "limit">;
  readonly detail: string;
};

/** Every violation that can be seen without looking at payload. The cursor keeps them by index; index 0 is none. */
export const VIOLATIONS = [
  null,
  broken("a client's frame without a mask"),
  broken("a backend's frame with a mask"),
  broken("a reserved bit without an extension that defines it"),
  broken("a reserved opcode"),
  broken("a fragmented control frame"),
  broken("a control frame over 125 bytes"),
  broken("a length with its highest bit set"),
  broken("a length not in its shortest form"),
  broken("a continuation without a message"),
  broken("a new message inside a fragmented one"),
  broken("a Close with a body of one byte"),
  broken("a Close with a code that must not be sent"),
  over(1009, "a length over 2^53-1"),
  over(1009, "a frame over the limit"),
  over(1009, "a message over the limit"),
  over(1009, "more fragments than the limit"),
  over(1008, "more messages a second than the limit"),
  over(1008, "more control frames a second than the limit"),
] as const satisfies readonly (Violation | null)[];

/** Indexes into VIOLATIONS, by name. */
export const BREACH = {
  none: 0,
  unmasked: 1,
  masked: 2,
  rsv: 3,
  opcode: 4,
  fragmentedControl: 5,
  longControl: 6,
  negativeLength: 7,
  longForm: 8,
  strayContinuation: 9,
  interruptedMessage: 10,
  closeBody: 11,
  closeCode: 12,
  inexactLength: 13,
  frameBytes: 14,
  messageBytes: 15,
  fragments: 16,
  messageRate: 17,
  controlRate: 18,
} as const;

function broken(detail: string): Violation {
  return { code: 1002, cause: "protocol-error", detail };
}

function over(code: 1008 | 1009, detail: string): Violation {
  return { code, cause: "limit", detail };
}

function limit(value: number): number {
  return value === 0 ? Number.POSITIVE_INFINITY : value;
}

function intervalMs(perSecond: number): number {
  return perSecond === 0 ? 0 : 1000 / perSecond;
}

function burstMs(eachMs: number, burst: number): number {
  return eachMs * (Math.max(1, burst) - 1);
}
