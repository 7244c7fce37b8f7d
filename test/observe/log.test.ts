import { describe, expect, test } from "vitest";
import { Secret } from "../../src/base/secret.ts";
import { createLog, type LogFormat } from "../../src/observe/log.ts";
import { SENTINEL, sentinel } from "../harness/sentinels.ts";

function capture(format: LogFormat = "json"): {
  readonly log: ReturnType<typeof createLog>;
  readonly text: () => string;
} {
  const written: string[] = [];
  const destination = { write: (line: string) => void written.push(line) };
  return { log: createLog({ format, level: "info", destination, colour: false }), text: () => written.join("") };
}

describe("the log", () => {
  test("writes one JSON object a line", () => {
    const { log, text } = capture();
    log.info({ port: 8080 }, "listening");
    log.warn({}, "careful");
    const [first, second] = text()
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(first).toMatchObject({
      level: "info",
      port: 8080,
      msg: "listening",
      time: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    expect(second).toMatchObject({ level: "warn", msg: "careful" });
  });

  test("leaves out what is below its level", () => {
    const { log, text } = capture();
    log.debug({}, "detail");
    expect(text()).toBe("");
  });

  test.each(["json", "pretty"] as const)("in %s, keeps foreign text on its line and cuts it", (format) => {
    const { log, text } = capture(format);
    log.info(
      { path: `/a\r\n{"level":"error"}\u001b[31m\u2028\u0085`, nested: { list: ["x\ny"] }, long: "z".repeat(100_000) },
      "m\nn",
    );
    expect(
      text()
        .trimEnd()
        .split(/[\n\r\u2028\u0085]/),
    ).toHaveLength(1);
    expect(text()).not.toContain("\u001b");
    expect(text().length).toBeLessThan(3_000);
  });

  test.each([
    ["a", 1_024, "a".repeat(1_024)],
    ["a", 1_025, `${"a".repeat(1_021)}…`],
    ["ß", 512, "ß".repeat(512)],
    ["€", 1_024, `${"€".repeat(340)}…`],
    ["\u{1f6f0}", 257, `${"\u{1f6f0}".repeat(255)}…`],
    ["\n", 171, `${"\\u000a".repeat(170)}\\…`],
    ["x", 10_000_000, `${"x".repeat(1_021)}…`],
  ])("cuts %j, %i times, at 1024 bytes after escaping, and never a character", (character, times, expected) => {
    const { log, text } = capture();
    log.info({ path: character.repeat(times) }, character.repeat(times));
    const { path, msg } = JSON.parse(text()) as Record<string, string>;
    expect([path, msg]).toEqual([expected, expected]);
    expect(Buffer.byteLength(path ?? "")).toBeLessThanOrEqual(1_024);
  });

  test("shows what would turn the direction of writing, and lone halves of characters, as what they are", () => {
    const { log, text } = capture();
    log.info({ path: "/\u202Etxt.exe\u2066\u200F\uFEFF", half: "\uD83D" }, "turned");
    expect(text()).toContain("/\\\\u202etxt.exe\\\\u2066\\\\u200f\\\\ufeff");
    expect(JSON.parse(text())).toMatchObject({ half: "\\ud83d", msg: "turned" });
    expect(Buffer.from(text()).toString()).toBe(text());
  });

  test("writes no more than a hundred members of a list or an object", () => {
    const { log, text } = capture();
    const list = Array.from({ length: 1_000 }, (_, index) => index);
    log.info({ list, object: Object.fromEntries(list.map((index) => [`key\n${index}`, index])) }, "many");
    const line = JSON.parse(text()) as { readonly list: unknown[]; readonly object: object };
    expect([line.list.length, Object.keys(line.object).length]).toEqual([100, 100]);
    expect(Object.keys(line.object)[0]).toBe("key\\u000a0");
  });

  test("throws lines away while 16 MiB wait for its reader, counts them, and says so when it reads again", () => {
    const written: string[] = [];
    let waiting = 16 * 1_024 * 1_024;
    const destination = { write: (line: string) => void written.push(line), unwritten: () => waiting };
    const log = createLog({ format: "json", level: "info", destination, colour: false });
    const messages = (): readonly unknown[] =>
      written.map((line) => (JSON.parse(line) as { readonly msg: unknown }).msg);
    log.info({}, "just in time");
    waiting += 1;
    log.info({}, "too late");
    log.debug({}, "not wanted anyway");
    waiting -= 2;
    log.info({}, "still far behind");
    expect([messages(), log.lost()]).toEqual([["just in time"], 2]);
    waiting = 0;
    log.info({}, "again");
    log.info({}, "and again");
    expect(messages().slice(1)).toEqual([
      "lines were lost: the reader of the log did not keep up",
      "again",
      "and again",
    ]);
    expect(JSON.parse(written[1] ?? "")).toMatchObject({ level: "error", lines: 2 });
    expect(log.lost()).toBe(2);
  });

  test("never shows a Secret", () => {
    const { log, text } = capture();
    log.info(
      { key: new Secret("hunter2"), deep: { key: new Secret("hunter2") } },
      `key ${String(new Secret("hunter2"))}`,
    );
    expect(text()).not.toContain("hunter2");
    expect(text()).toContain("[secret]");
  });

  test("writes the stack of an error, and nothing else that it knows", () => {
    const { log, text } = capture();
    const error = Object.assign(new Error("broken"), {
      input: sentinel("input"),
      request: { token: sentinel("token") },
    });
    log.error({ error, nested: { error } }, "a defect");
    expect(JSON.parse(text())).toMatchObject({ error: expect.stringMatching(/^Error: broken\\u000a +at /) });
    expect(text()).not.toContain(SENTINEL);
  });

  test("survives foreign field names and bottomless nesting", () => {
    const { log, text } = capture();
    const loop: Record<string, unknown> = {};
    loop["self"] = loop;
    log.info({ loop, fields: JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1}') as unknown }, "hostile");
    expect(JSON.parse(text())).toMatchObject({ msg: "hostile" });
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  });
});
