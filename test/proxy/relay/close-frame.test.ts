import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Party } from "../../../src/base/endings.ts";
import {
  answersPing,
  controlPayload,
  encodeClose,
  encodePing,
  encodePong,
  readClose,
} from "../../../src/proxy/relay/close-frame.ts";
import { CLOSE_WORDS } from "../../../src/proxy/relay/close-words.ts";
import { makeFrame } from "../../harness/make-frame.ts";
import { parseFrames } from "../../harness/reference-parser.ts";

const party = fc.constantFrom<Party>("client", "backend");

test("A Close is one control frame, masked toward the backend only, that reads back as it was written.", () => {
  fc.assert(
    fc.property(
      party,
      fc.constantFrom(1000, 1001, 1012, 3000, 4999),
      fc.string({ maxLength: 40 }),
      (to, code, reason) => {
        const frame = encodeClose(to, { code, reason });
        const { frames, rest } = parseFrames(frame);
        expect(rest).toHaveLength(0);
        expect(frames).toMatchObject([{ fin: true, rsv: 0, opcode: 8, masked: to === "backend" }]);
        expect(readClose(frame)).toEqual({ code, reason });
      },
    ),
  );
});

test("A reason is cut to 123 bytes and never inside a code point.", () => {
  fc.assert(
    fc.property(party, fc.string({ unit: "grapheme", minLength: 30, maxLength: 200 }), (to, text) => {
      const body = parseFrames(encodeClose(to, { code: 1000, reason: text })).frames[0]?.payload ?? new Uint8Array(0);
      const reason = new TextDecoder("utf-8", { fatal: true }).decode(body.slice(2));
      expect(body.length).toBeLessThanOrEqual(125);
      expect(text.startsWith(reason)).toBe(true);
      const next = text.codePointAt(reason.length);
      expect(next === undefined || Buffer.byteLength(reason + String.fromCodePoint(next)) > 123).toBe(true);
    }),
  );
  expect(readClose(encodeClose("client", { code: 1000, reason: "€".repeat(42) })).reason).toBe("€".repeat(41));
});

test("1005, 1006, 1015 and codes outside 1000 to 4999 never get onto the wire.", () => {
  for (const code of [1005, 1006, 1015, 0, 999, 5000, 65_536, 1000.5, Number.NaN]) {
    expect([...encodeClose("client", { code, reason: "no" })]).toEqual([0x88, 0]);
    expect(parseFrames(encodeClose("backend", { code, reason: "no" })).frames[0]?.payload).toHaveLength(0);
  }
});

test("Every row of the table of close words fits a Close and reads back whole.", () => {
  for (const words of Object.values(CLOSE_WORDS)) {
    expect(readClose(encodeClose("client", words.client))).toEqual(words.client);
    expect(readClose(encodeClose("backend", words.backend))).toEqual(words.backend);
  }
});

test("Frames of ours to the backend carry a fresh key each.", () => {
  const keys = Array.from({ length: 64 }, () => {
    return Buffer.from(encodeClose("backend", { code: 1001, reason: "" }).slice(2, 6)).toString("hex");
  });
  expect(new Set(keys).size).toBe(64);
});

test("A Ping and a Pong hold up to 125 bytes, and one more is a mistake of the caller.", () => {
  for (const to of ["client", "backend"] as const) {
    const payload = Uint8Array.from({ length: 125 }, (_, index) => index);
    expect(parseFrames(encodePing(to, payload)).frames).toMatchObject([{ opcode: 9, payload }]);
    expect(parseFrames(encodePong(to, payload)).frames).toMatchObject([{ opcode: 10, payload }]);
    expect(() => encodePing(to, new Uint8Array(126))).toThrow(RangeError);
  }
});

describe("The Pong to a Ping of ours", () => {
  const ours = Buffer.from("fl-ping-1");

  test("is known after unmasking, also with an all-zero mask.", () => {
    expect(answersPing(makeFrame("backend", { opcode: 10, payload: ours }), ours)).toBe(true);
    expect(answersPing(makeFrame("client", { opcode: 10, payload: ours }), ours)).toBe(true);
    expect(answersPing(makeFrame("client", { opcode: 10, payload: ours, key: [0, 0, 0, 0] }), ours)).toBe(true);
  });

  test("is not one with other bytes, another length or another opcode.", () => {
    expect(answersPing(makeFrame("client", { opcode: 10, payload: "fl-ping-2" }), ours)).toBe(false);
    expect(answersPing(makeFrame("client", { opcode: 10, payload: "fl-ping-1x" }), ours)).toBe(false);
    expect(answersPing(makeFrame("client", { opcode: 10, payload: "fl-ping-" }), ours)).toBe(false);
    expect(answersPing(makeFrame("client", { opcode: 10 }), ours)).toBe(false);
    expect(answersPing(makeFrame("client", { opcode: 9, payload: ours }), ours)).toBe(false);
  });
});

test("A Close without a body reads as 1005, and invalid UTF-8 in a reason does not throw.", () => {
  expect(readClose(makeFrame("client", { opcode: 8 }))).toEqual({ code: 1005, reason: "" });
  const bad = makeFrame("client", { opcode: 8, payload: Uint8Array.of(3, 232, 0xff, 0x61) });
  expect(readClose(bad)).toEqual({ code: 1000, reason: "\uFFFDa" });
});

test("A control frame's payload is a copy: the frame stays as it came.", () => {
  const frame = makeFrame("client", { opcode: 9, payload: "ping" });
  const before = frame.slice();
  controlPayload(frame).fill(0);
  expect(frame).toEqual(before);
});
