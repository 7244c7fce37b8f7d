import { describe, expect, test } from "vitest";
import type { LogFields } from "../../src/base/ports.ts";
import type { AnsweredReport, Report } from "../../src/base/report.ts";
import { createAccessLog } from "../../src/observe/access-log.ts";
import { answered, refused, relayed } from "./make-report.ts";

const RELAYED = relayed("drain", "proxy");
const REFUSED = refused("NoRoute");
const ANSWERED: AnsweredReport = { ...answered(200), complete: false };

function logged(report: Report): { readonly level: string; readonly fields: LogFields; readonly message: string } {
  const lines: { level: string; fields: LogFields; message: string }[] = [];
  const at = (level: string) => (fields: LogFields, message: string) => void lines.push({ level, fields, message });
  createAccessLog({ debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") })(report);
  const [line, ...more] = lines;
  if (line === undefined || more.length > 0) throw new Error(`${lines.length} lines for one report`);
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

  test("says of a plain request whether its answer was complete", () => {
    expect(logged(ANSWERED).message).toMatch(/, cut short in 12 ms$/);
    expect(logged({ ...ANSWERED, complete: true, durationMs: 1_500 }).message).toMatch(/, answered in 1\.5 s$/);
  });

  test("says what little is known of a request whose head could not be read", () => {
    const { message } = logged({ ...REFUSED, method: "", host: null, path: null, endpoint: null, status: 400 });
    expect(message).toBe("400 (unreadable) https://?, refused: NoRoute, no rule");
  });
});
