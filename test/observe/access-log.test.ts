import { describe, expect, test } from "vitest";
import type { AnsweredReport, Report } from "../../src/base/report.ts";
import { ACCESS_LOGS } from "../../src/config/flags.ts";
import { ACCESS_FIELDS, lineOf } from "../../src/observe/access-fields.ts";
import { type AccessLog, createAccessLog } from "../../src/observe/access-log.ts";
import { createLineBudget } from "../../src/observe/line-budget.ts";
import { createFakeClock } from "../harness/fake-clock.ts";
import { collectLines, type Line } from "./collect-lines.ts";
import { answered, refused, relayed } from "./make-report.ts";

const RELAYED = relayed("drain", "proxy");
const REFUSED = refused("NoRoute");
const ANSWERED: AnsweredReport = { ...answered(200), complete: false };

function logAll(reports: readonly Report[], which: AccessLog = "all"): readonly Line[] {
  const { log, lines } = collectLines();
  const write = createAccessLog(log, which, createLineBudget(log, createFakeClock(), { burst: 2, perSecond: 1 }));
  for (const report of reports) write(report);
  return lines;
}

function logged(report: Report): Line {
  const [line, ...more] = logAll([report]);
  if (line === undefined || more.length > 0) throw new Error(`${more.length} lines too many`);
  return line;
}

describe("the access log", () => {
  test("says of a relayed WebSocket who ended it, why, and what went through it", () => {
    const { level, fields, message } = logged(RELAYED);
    expect(level).toBe("info");
    expect(fields).toMatchObject({
      outcome: "relayed",
      id: "edge-1-0-7",
      route: "WebSocketRoute/apps/chat/v2",
      endpoint: "10.1.2.3:9001",
      handshakeMs: 4.3,
      cause: "drain",
      by: "proxy",
      clean: true,
      messagesIn: 4,
      messagesOut: 9,
      closeFromClient: null,
      closeToClient: 1012,
      closeToBackend: 1001,
      errno: "ECONNRESET",
    });
    expect(message).toBe(
      "101 GET https://chat.example.com/socket -> apps/chat:8080 10.1.2.3:9001, 4 messages in, 9 out, ended by proxy (drain 1012/1001) after 1 min",
    );
  });

  test.each([
    [0, "0 messages in, 9 out"],
    [1, "1 message in, 9 out"],
    [2, "2 messages in, 9 out"],
  ])("counts %i messages as one says it", (messages, said) => {
    const { client, backend } = RELAYED.from;
    const from = { client: { ...client, messages }, backend };
    expect(logged({ ...RELAYED, from }).message).toContain(`, ${said}, ended by`);
  });

  test("says of a refusal why", () => {
    const { level, fields, message } = logged({ ...REFUSED, service: null, endpoint: null });
    expect([level, fields["failure"], fields["detail"]]).toEqual(["info", "NoRoute", "no rule"]);
    expect(message).toBe("404 GET https://chat.example.com/socket, refused: NoRoute, no rule");
  });

  test("warns of what is not the client's fault", () => {
    expect(logged({ ...REFUSED, status: 503, failure: "RouteRefused" }).level).toBe("warn");
    expect(logged({ ...REFUSED, status: 429 }).level).toBe("info");
  });

  test.each([
    [59_400, "59.4 s"],
    [12 * 60_000, "12 min"],
    [3_599_999, "1 h 0 min"],
    [3 * 3_600_000 + 20 * 60_000, "3 h 20 min"],
    [86_399_999, "1 d 0 h"],
    [53 * 3_600_000, "2 d 5 h"],
    [400 * 86_400_000, "400 d 0 h"],
  ])("says %i ms as %s", (durationMs, said) => {
    expect(logged({ ...RELAYED, durationMs }).message).toMatch(new RegExp(` after ${said}$`));
  });

  test("says of a plain request whether its answer was complete", () => {
    expect(logged(ANSWERED).message).toMatch(/, cut short in 12 ms$/);
    expect(logged({ ...ANSWERED, complete: true, durationMs: 1_500 }).message).toMatch(/, answered in 1\.5 s$/);
  });

  test("says what little is known of a request whose head could not be read", () => {
    const { message } = logged({ ...REFUSED, method: "", host: null, path: null, endpoint: null, status: 400 });
    expect(message).toBe("400 (unreadable) https://?, refused: NoRoute, no rule");
  });
});

describe("--access-log", () => {
  const written: Readonly<Record<AccessLog, readonly string[]>> = {
    off: [],
    refused: ["refused"],
    all: ["relayed", "refused", "answered"],
  };

  test.each(ACCESS_LOGS)("%s", (which) => {
    const lines = logAll([RELAYED, REFUSED, ANSWERED], which);
    expect(lines.map(({ fields }) => fields["outcome"])).toEqual(written[which]);
  });

  test("leaves out refusals beyond the limit of their kind, and nothing else", () => {
    const many = [...Array<Report>(5).fill(REFUSED), refused("Draining"), ...Array<Report>(9).fill(RELAYED), ANSWERED];
    const kinds = logAll(many).map(({ fields }) => fields["failure"] ?? fields["outcome"]);
    expect(kinds).toEqual(["NoRoute", "NoRoute", "Draining", ...Array<string>(9).fill("relayed"), "answered"]);
  });
});

describe("the table of fields", () => {
  test.each([RELAYED, REFUSED, ANSWERED])(
    "is what a line of outcome $outcome is made of, and null where nothing is known",
    (report) => {
      const bare = { ...report, host: null, path: null, route: null, service: null, endpoint: null };
      for (const line of [lineOf(report), lineOf(bare)]) {
        const names = ACCESS_FIELDS.filter(({ outcomes }) => outcomes.includes(report.outcome)).map(({ name }) => name);
        expect(Object.keys(line)).toEqual(names);
        expect(Object.values(line)).not.toContain(undefined);
      }
    },
  );

  const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
    string: (value) => typeof value === "string",
    boolean: (value) => typeof value === "boolean",
    "RFC 3339 time": (value) => new Date(String(value)).toISOString() === value,
    milliseconds: Number.isFinite,
    bytes: Number.isSafeInteger,
    count: Number.isSafeInteger,
    "HTTP status": Number.isSafeInteger,
    "close code": Number.isSafeInteger,
  };

  test.each(ACCESS_FIELDS)(
    "says the type of $name, and its meaning in a sentence",
    ({ name, type, meaning, outcomes, read }) => {
      expect(meaning).toMatch(/^[^\n]+\.$/);
      expect(ACCESS_FIELDS.filter((field) => field.name === name)).toHaveLength(1);
      for (const report of [RELAYED, REFUSED, ANSWERED].filter(({ outcome }) => outcomes.includes(outcome))) {
        const value = read(report);
        expect([name, value, value === null || TYPES[type]?.(value)]).toEqual([name, value, true]);
      }
    },
  );
});
