import { expect, test } from "vitest";
import { createCursorPages } from "../../../src/proxy/relay/cursor-cells.ts";
import { countsOf, positionOf, violationOf } from "../../../src/proxy/relay/frame-cursor.ts";
import { frameRules } from "../../../src/proxy/relay/frame-rules.ts";
import { makeFrame, makeStream } from "../../harness/make-frame.ts";
import { followStream, NO_LIMITS } from "./follow-stream.ts";

const rules = frameRules("client", NO_LIMITS);

test("Cursors of one page do not touch each other.", () => {
  const pages = createCursorPages(4);
  const cursors = Array.from({ length: 10 }, () => pages.open(rules));
  const streams = cursors.map((_, index) => {
    return makeStream("client", [
      { opcode: 9, payload: `ping ${index}` },
      { opcode: 2, payload: new Uint8Array(index * 20) },
    ]);
  });
  const outputs = cursors.map(() => [] as Uint8Array[]);
  for (let at = 0; at < 300; at += 1) {
    for (const [index, cursor] of cursors.entries()) {
      outputs[index]?.push(followStream(cursor, [streams[index]?.slice(at, at + 1) ?? new Uint8Array(0)]).output);
    }
  }
  expect(outputs.map((parts) => Buffer.concat(parts).toString("hex"))).toEqual(
    streams.map((stream) => Buffer.from(stream).toString("hex")),
  );
  expect(pages.size()).toEqual({ open: 10, places: 12 });
});

test("A place is used again, and its next cursor starts from nothing.", () => {
  const pages = createCursorPages(1);
  for (let round = 0; round < 100; round += 1) {
    const cursor = pages.open(rules);
    expect([countsOf(cursor), positionOf(cursor), violationOf(cursor)]).toEqual([
      { frames: 0, messages: 0 },
      "boundary",
      null,
    ]);
    followStream(cursor, [
      makeStream("client", [{ opcode: 1, fin: false }]),
      makeFrame("client", { opcode: 1 }).slice(0, 3),
    ]);
    if (round % 2 === 0) followStream(cursor, [makeFrame("client", { opcode: 2 })]);
    pages.close(cursor);
  }
  expect(pages.size()).toEqual({ open: 0, places: 1 });
});
