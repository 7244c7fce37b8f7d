import type { Party } from "../../src/base/endings.ts";
import type { FrameSettings } from "../../src/proxy/relay/frame-rules.ts";
import { parseFrame, parseHeader, type ReferenceFrame, type ReferenceHeader } from "./reference-parser.ts";

/** How a stream ends: with every frame passed, at a Close, or with the Close code that a violation carries. */
export type Verdict = "open" | "closed" | 1002 | 1009;

/** What of a stream may leave: a prefix of it, with the control frames in it, and why it ends there. */
export type ReferenceJudgement = {
  /** Bytes that may leave: whole frames, whole headers, and payload as far as it is there; a control frame only whole. */
  readonly passed: Uint8Array;
  readonly controls: readonly ReferenceFrame[];
  readonly messages: number;
  readonly frames: number;
  readonly verdict: Verdict;
};

type Message = { bytes: number; fragments: number };

type Progress = {
  start: number;
  message: Message | null;
  messages: number;
  frames: number;
  readonly controls: ReferenceFrame[];
};

/** Judges a stream frame by frame by RFC 6455 5.2 to 5.5 and the limits, rates excepted. The whole stream must be given. */
export function judgeStream(stream: Uint8Array, from: Party, settings: FrameSettings): ReferenceJudgement {
  const now: Progress = { start: 0, message: null, messages: 0, frames: 0, controls: [] };
  let verdict: Verdict | null = null;
  while (verdict === null) {
    const control = ((stream[now.start] ?? 0) & 8) === 8;
    verdict = control ? passControl(now, stream, { from, settings }) : passData(now, stream, { from, settings });
  }
  const { controls, messages, frames } = now;
  return { passed: stream.slice(0, now.start), controls, messages, frames, verdict };
}

/** Moves behind a control frame; a verdict if the stream ends here. */
function passControl(now: Progress, stream: Uint8Array, rules: Pick<Case, "from" | "settings">): Verdict | null {
  const bits = stream.slice(now.start, now.start + 2);
  if (bits.length < 2) return "open";
  if (isBrokenControl(bits, rules.from, rules.settings)) return 1002;
  const frame = parseFrame(stream, now.start);
  if (frame === null) return "open";
  now.frames += 1;
  if (isForbiddenClose(frame)) return 1002;
  now.controls.push(frame);
  now.start += frame.bytes;
  return frame.opcode === 8 ? "closed" : null;
}

/** Moves behind a data frame, or as far into it as the stream goes; a verdict if the stream ends here. */
function passData(now: Progress, stream: Uint8Array, rules: Pick<Case, "from" | "settings">): Verdict | null {
  const header = parseHeader(stream, now.start);
  if (header === null) return "open";
  const opcode = header.first % 16;
  const broken = RULES.find(([, breaks]) => breaks({ header, opcode, message: now.message, ...rules }));
  if (broken !== undefined) return broken[0];
  now.frames += 1;
  now.messages += header.first >= 128 ? 1 : 0;
  now.message = nextMessage(now.message, header);
  const end = now.start + header.size + header.length;
  now.start = Math.min(end, stream.length);
  return end > stream.length ? "open" : null;
}

type Case = {
  readonly header: ReferenceHeader;
  readonly opcode: number;
  readonly message: Message | null;
  readonly from: Party;
  readonly settings: FrameSettings;
};

/** What a data frame's header may not be, each with its code; the first that holds decides. */
const RULES: readonly (readonly [1002 | 1009, (given: Case) => boolean])[] = [
  [1002, ({ header, from }) => header.masked !== (from === "client")],
  [1002, ({ header }) => header.wide >= 2n ** 63n],
  [1002, ({ header }) => header.extended === 2 && header.wide < 126n],
  [1002, ({ header }) => header.extended === 8 && header.wide < 65536n],
  [1002, ({ header, settings }) => settings.extensions === "none" && rsvOf(header) !== 0],
  [1002, ({ header, settings }) => settings.extensions === "deflate" && rsvOf(header) % 4 !== 0],
  [1002, ({ header, settings, opcode }) => settings.extensions === "deflate" && rsvOf(header) !== 0 && opcode === 0],
  [1002, ({ settings, opcode }) => settings.extensions !== "other" && opcode > 2],
  [1002, ({ opcode, message }) => opcode === 0 && message === null],
  [1002, ({ opcode, message }) => (opcode === 1 || opcode === 2) && message !== null],
  [1009, ({ header }) => header.wide > BigInt(Number.MAX_SAFE_INTEGER)],
  [1009, ({ header, from, settings }) => exceeds(header.length, settings.maxFrameBytes[from])],
  [1009, (given) => exceeds(messageOf(given).bytes, given.settings.maxMessageBytes[given.from])],
  [1009, (given) => exceeds(messageOf(given).fragments, given.settings.maxFragments)],
];

/** The message that this frame belongs to, with it. */
function messageOf({ header, opcode, message }: Pick<Case, "header" | "opcode" | "message">): Message {
  const before = opcode === 0 && message !== null ? message : { bytes: 0, fragments: 0 };
  return { bytes: before.bytes + header.length, fragments: before.fragments + 1 };
}

function nextMessage(message: Message | null, header: ReferenceHeader): Message | null {
  const opcode = header.first % 16;
  if (opcode !== 0 && message !== null) return message;
  return header.first >= 128 ? null : messageOf({ header, opcode, message });
}

function isBrokenControl([first = 0, second = 0]: Uint8Array, from: Party, { extensions }: FrameSettings): boolean {
  const opcode = first % 16;
  const length = second % 128;
  const broken = [
    second >= 128 !== (from === "client"),
    first < 128,
    length > 125,
    opcode === 8 && length === 1,
    extensions !== "other" && opcode > 10,
    extensions !== "other" && first >= 128 + 16,
  ];
  return broken.includes(true);
}

function isForbiddenClose({ opcode, payload }: ReferenceFrame): boolean {
  if (opcode !== 8 || payload.length === 0) return false;
  const code = (payload[0] ?? 0) * 256 + (payload[1] ?? 0);
  return code < 1000 || code > 4999 || [1005, 1006, 1015].includes(code);
}

function rsvOf({ first }: ReferenceHeader): number {
  return Math.floor(first / 16) % 8;
}

function exceeds(value: number, limit: number): boolean {
  return limit > 0 && value > limit;
}
