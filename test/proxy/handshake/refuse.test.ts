import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { FAILURES, type Failure, type FailureName, ProxyError } from "../../../src/base/failures.ts";
import { systemClock } from "../../../src/base/system-clock.ts";
import { describeRefusal, type Refusal, refuseRequest } from "../../../src/proxy/handshake/refuse.ts";
import { connectRaw } from "../../harness/raw-client.ts";
import { fieldOf } from "../../harness/websocket-backend.ts";

const settings = { debugResponses: false, lingerMs: 100, random: () => 0 };
const names = Object.keys(FAILURES) as readonly FailureName[];

describe("describeRefusal", () => {
  it.each(names)("answers %s with its row, and nothing that names internals", (name) => {
    const failure: Failure = FAILURES[name];
    const refusal = describeRefusal(new ProxyError(name, "10.1.2.3 said no"), "id-1", settings);
    expect(refusal.status).toBe(failure.status);
    expect(refusal.body).toBe(`${failure.title}\n`);
    const fields = new Map(refusal.fields);
    expect(fields.get("X-Request-Id")).toBe("id-1");
    expect(fields.get("Content-Length")).toBe(String(Buffer.byteLength(refusal.body)));
    expect(fields.get("Connection")).toContain("close");
    expect(fields.get("Retry-After")).toBe(failure.retryAfter === undefined ? undefined : "1");
  });

  it("spreads the second tries of those who are refused together over the row's range, ends included", () => {
    const { least, most } = FAILURES.TooManyHandshakes.retryAfter;
    const drawn = [0, 0.5, 0.999].map((value) => {
      const { fields } = describeRefusal(new ProxyError("TooManyHandshakes", ""), "id-1", {
        ...settings,
        random: () => value,
      });
      return Number(new Map(fields).get("Retry-After"));
    });
    expect(drawn).toEqual([least, 6, most]);
  });

  it("shows the detail with debugResponses, without what a terminal would obey", () => {
    const error = new ProxyError("BadRequest", `\u001b[31mred\r\nX: y${"a".repeat(600)}`);
    const { body } = describeRefusal(error, "id-1", { ...settings, debugResponses: true });
    expect(body).toMatch(/^The request is malformed\.\n\?\[31mred\?\?X: ya+\n$/);
    expect(body.length).toBeLessThan(600);
  });

  it("takes anything else that was thrown for a defect of ours, and does not show it", () => {
    for (const thrown of [new TypeError("secret"), "secret", null]) {
      const refusal = describeRefusal(thrown, "id-1", settings);
      expect(refusal).toMatchObject({ status: 500, error: { failure: "Internal" } });
      expect(refusal.body).not.toContain("secret");
    }
  });

  it("carries the error's own fields and status", () => {
    const error = new ProxyError("RouteRefused", "", [["Location", "https://a.example/"]], 500);
    const refusal = describeRefusal(error, "id-1", settings);
    expect(refusal.status).toBe(500);
    expect(refusal.fields).toContainEqual(["Location", "https://a.example/"]);
  });
});

describe("refuseRequest", () => {
  async function answerOf(
    answer: (response: ServerResponse) => void,
    request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
  ): Promise<string> {
    const server = createServer((_request, response) => answer(response));
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    const client = await connectRaw((server.address() as AddressInfo).port);
    await client.send(request);
    await client.ended;
    client.socket.destroy();
    await new Promise((resolve) => {
      server.close(resolve);
    });
    return client.text();
  }
  const linger = { clock: systemClock, lingerMs: 100, keep: false };
  const refusal = (name: FailureName): Refusal => describeRefusal(new ProxyError(name, ""), "id-1", settings);

  it("answers, and closes the connection", async () => {
    const answer = await answerOf((response) => refuseRequest(response, refusal("NoReadyEndpoint"), linger));
    expect(answer).toMatch(/^HTTP\/1\.1 503 [^]*\r\n\r\nNo endpoint is ready\.\n$/);
    expect(fieldOf(answer, "Retry-After")).toBe("1");
    expect(fieldOf(answer, "Connection")).toBe("close");
  });

  it("keeps the connection for the next request where it may", async () => {
    const answer = await answerOf((response) => {
      if (response.req.url === "/last") response.writeHead(204, { Connection: "close" }).end();
      else refuseRequest(response, refusal("NoRoute"), { ...linger, keep: true });
    }, "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /last HTTP/1.1\r\nHost: a\r\n\r\n");
    expect(answer).toMatch(/^HTTP\/1\.1 404 [^]*HTTP\/1\.1 204 /);
  });

  it("says nothing to a client that is gone", async () => {
    expect(await answerOf((response) => refuseRequest(response, refusal("ClientGone"), linger))).toBe("");
  });

  it("cuts a response that has begun", async () => {
    const answer = await answerOf((response) => {
      response.writeHead(200, { "Content-Length": "10" });
      response.write("12345", () => refuseRequest(response, refusal("BackendReset"), linger));
    });
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(answer).not.toContain("502");
  });
});
