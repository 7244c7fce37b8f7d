import { isUtf8 } from "node:buffer";
import { randomBytes } from "node:crypto";
import type { CloseWords } from "../../base/endings.ts";
import type { Clock } from "../../base/ports.ts";
import { encodeClose, encodePing, encodePong, NO_STATUS_RECEIVED } from "../../proxy/relay/close-frame.ts";
import { OPCODE } from "../../proxy/relay/frame-header.ts";
import { encodeText, type Frame, inflate, MAX_MESSAGE, takeFrame, violates } from "./frames.ts";
import type { Wire } from "./wire.ts";

/** What a server can say over an open WebSocket; its Pings are answered unasked. */
export type Event =
  | { readonly type: "message"; readonly data: Buffer }
  | { readonly type: "pong"; readonly payload: Buffer }
  | { readonly type: "close"; readonly words: CloseWords };

/** One end of an open WebSocket. */
export type Talk = {
  /** The next thing that the server says. Throws ProbeError at a broken protocol, WireEndError and WireTimeoutError. */
  readonly next: (untilMs: number) => Promise<Event>;
  readonly sendText: (text: string) => void;
  /** Resolves with the milliseconds until the answer; other events go to `other`. */
  readonly ping: (untilMs: number, other: (event: Event) => void) => Promise<number>;
  readonly sendClose: (code: number) => void;
};

/** A server that asks for more answers than these is not asking. */
const MAX_PINGS = 1_000;
const MAX_FRAGMENTS = 1_000;

/** Talks over a wire on which the 101 was read. `deflate` if permessage-deflate was agreed on. */
export function createTalk(wire: Wire, deflate: boolean, clock: Clock): Talk {
  let parts: readonly Frame[] = [];
  let answered = 0;
  const answer = (payload: Buffer): void => {
    answered += 1;
    if (answered > MAX_PINGS) violates(`the server sends more than ${MAX_PINGS} Pings`);
    wire.write(encodePong("backend", payload));
  };
  const next: Talk["next"] = async (untilMs) => {
    for (;;) {
      const frame = await wire.read((bytes) => takeFrame(bytes, deflate), untilMs);
      if (frame.opcode === OPCODE.ping) answer(frame.payload);
      else if (frame.opcode === OPCODE.pong) return { type: "pong", payload: frame.payload };
      else if (frame.opcode === OPCODE.close) return { type: "close", words: readWords(frame.payload) };
      else {
        parts = append(parts, frame);
        if (!frame.fin) continue;
        const data = join(parts);
        parts = [];
        return { type: "message", data };
      }
    }
  };
  return {
    next,
    sendText: (text) => wire.write(encodeText(text)),
    ping: async (untilMs, other) => {
      const payload = randomBytes(8);
      const sentMs = clock.monotonicMs();
      wire.write(encodePing("backend", payload));
      for (;;) {
        const event = await next(untilMs);
        if (event.type === "pong" && event.payload.equals(payload)) return clock.monotonicMs() - sentMs;
        other(event);
      }
    },
    sendClose: (code) => wire.write(encodeClose("backend", { code, reason: "" })),
  };
}

function append(parts: readonly Frame[], frame: Frame): readonly Frame[] {
  const continues = frame.opcode === OPCODE.continuation;
  if (continues && parts.length === 0) violates("a message begins with a continuation frame");
  if (!continues && parts.length > 0) violates("a message begins inside another");
  const all = [...parts, frame];
  const size = all.reduce((sum, { payload }) => sum + payload.length, 0);
  if (size > MAX_MESSAGE || all.length > MAX_FRAGMENTS) violates("a message is larger than a probe takes");
  return all;
}

function join(parts: readonly Frame[]): Buffer {
  const whole = Buffer.concat(parts.map(({ payload }) => payload));
  const data = parts[0]?.compressed === true ? inflate(whole) : whole;
  if (parts[0]?.opcode === OPCODE.text && !isUtf8(data)) violates("a text message is not UTF-8");
  return data;
}

function readWords(payload: Buffer): CloseWords {
  if (payload.length === 0) return { code: NO_STATUS_RECEIVED, reason: "" };
  if (payload.length === 1) violates("a Close frame has half a code");
  if (!isUtf8(payload.subarray(2))) violates("the reason of a Close frame is not UTF-8");
  return { code: payload.readUInt16BE(0), reason: payload.toString("utf8", 2) };
}
