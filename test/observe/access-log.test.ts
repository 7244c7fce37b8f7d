import { describe, expect, test } from "vitest";
import type { Flow, SideEnd } from "../../src/base/endings.ts";
import type { LogFields } from "../../src/base/ports.ts";
import type { AnsweredReport, RefusedReport, RelayedReport, Report, ReportHead } from "../../src/base/report.ts";
import { createAccessLog } from "../../src/observe/access-log.ts";

const HEAD: ReportHead = {
  id: "edge-1-0-7",
  clientAddress: "203.0.113.9",
  peerAddress: "10.0.0.2",
  secure: true,
  method: "GET",
  host: "chat.example.com",
  path: "/socket",
  route: { kind: "WebSocketRoute", namespace: "apps", name: "chat", rule: "v2" },
  service: "apps/chat:8080",
  endpoint: "10.1.2.3:9001",
  startedAtMs: 0,
  handshakeMs: 4.26,
};

const FLOW: Flow = { bytes: 100, frames: 5, messages: 4, queuedBytes: 0, queuedPeak: 0, undeliveredBytes: 0 };
const END: SideEnd = { received: null, sent: { code: 1012, reason: "service restart" }, ended: "fin", errno: null };

const RELAYED: RelayedReport = {
  ...HEAD,
  outcome: "relayed",
  status: 101,
  subprotocol: "graphql-transport-ws",
  cause: "drain",
  by: "proxy",
  clean: true,
  durationMs: 61_000,
  from: { client: FLOW, backend: { ...FLOW, messages: 9 } },
  sides: { client: END, backend: { ...END, sent: { code: 1001, reason: "" }, errno: "ECONNRESET" } },
  detail: null,
};

const REFUSED: RefusedReport = { ...HEAD, outcome: "refused", status: 404, failure: "NoRoute", detail: "no rule" };
const ANSWERED: AnsweredReport = {
  ...HEAD,
  outcome: "answered",
  upgrade: false,
  status: 200,
  durationMs: 12,
  complete: false,
};

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
