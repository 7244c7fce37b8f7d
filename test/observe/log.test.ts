import { describe, expect, test } from "vitest";
import { Secret } from "../../src/base/secret.ts";
import { createLog, type LogFormat } from "../../src/observe/log.ts";

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

  test("never shows a Secret", () => {
    const { log, text } = capture();
    log.info(
      { key: new Secret("hunter2"), deep: { key: new Secret("hunter2") } },
      `key ${String(new Secret("hunter2"))}`,
    );
    expect(text()).not.toContain("hunter2");
    expect(text()).toContain("[secret]");
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
