import { describe, expect, it, onTestFinished } from "vitest";
import type { Clock } from "../../src/base/ports.ts";
import { systemClock } from "../../src/base/system-clock.ts";
import { makeSelfSigned } from "../../src/cli/self-signed.ts";
import { type ApiClient, createApiClient } from "../../src/kube/api-client.ts";
import type { Connection } from "../../src/kube/connection.ts";
import { createFakeClock } from "../harness/fake-clock.ts";
import { service } from "../harness/manifests.ts";
import { bookmarkLine, type FakeApiServer, sendJson, sendStatus, startFakeApiServer } from "./fake-api-server.ts";

const SERVICES = "/api/v1/services";

function clientOf(api: FakeApiServer, changes: Partial<Connection> = {}, clock: Clock = systemClock): ApiClient {
  const client = createApiClient({ ...api.connection(), ...changes }, clock);
  onTestFinished(client.close);
  return client;
}

const never = (): AbortSignal => new AbortController().signal;

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(
    () => "no failure",
    (error: unknown) => error,
  );
}

describe("a request to the API server", () => {
  it("gives the JSON of an answer", async () => {
    const api = await startFakeApiServer();
    api.cluster.put(service("echo", null));
    expect(await clientOf(api).get(SERVICES, never())).toMatchObject({ items: [{ metadata: { name: "echo" } }] });
  });

  it("is refused by a certificate of another CA, and by one for another name", async () => {
    const api = await startFakeApiServer();
    const other = await makeSelfSigned(["127.0.0.1"]);
    const headers = { authorization: `Bearer ${api.token}` };
    const wrong = clientOf(api, { credentials: () => Promise.resolve({ ca: other.chain, headers }) });
    expect(await failureOf(wrong.get(SERVICES, never()))).toMatchObject({ type: "untrusted" });
    const renamed = clientOf(api, {
      credentials: () => Promise.resolve({ ca: api.ca, headers, servername: "elsewhere.example.com" }),
    });
    expect(await failureOf(renamed.get(SERVICES, never()))).toMatchObject({ type: "untrusted" });
    expect(api.requests).toEqual([]);
  });

  it("is sent once more with fresh credentials after a 401, and not a third time", async () => {
    const api = await startFakeApiServer();
    let token = "expired";
    let refreshed = 0;
    const connection: Partial<Connection> = {
      credentials: () => Promise.resolve({ ca: api.ca, headers: { authorization: `Bearer ${token}` } }),
      refresh: () => {
        refreshed += 1;
        token = api.token;
      },
    };
    expect(await clientOf(api, connection).get(SERVICES, never())).toMatchObject({ items: [] });
    expect(refreshed).toBe(1);
    api.setToken("another");
    expect(await failureOf(clientOf(api, connection).get(SERVICES, never()))).toMatchObject({ type: "unauthorized" });
    expect(refreshed).toBe(2);
  });

  it.each([
    [403, "forbidden", null],
    [404, "absent", null],
    [410, "expired", null],
    [429, "throttled", 7_000],
    [500, "refused", null],
    [302, "refused", null],
    [204, "refused", null],
  ])("that is answered %i fails as %s", async (status, type, retryAfterMs) => {
    const api = await startFakeApiServer();
    const headers = { location: "https://127.0.0.1:1/elsewhere", ...(status === 429 ? { "retry-after": "7" } : {}) };
    api.intervene((_, response) => {
      sendStatus(response, status, "because", headers);
      return true;
    });
    expect(await failureOf(clientOf(api).get(SERVICES, never()))).toMatchObject({ type, retryAfterMs });
    expect(api.requests.length).toBe(1);
  });

  it("fails for what is no JSON, for an answer without end, and for one that breaks off", async () => {
    const api = await startFakeApiServer();
    let answer = "garbage";
    const big = Buffer.alloc(1024 * 1024, " ");
    api.intervene((_, response) => {
      response.writeHead(200);
      if (answer === "garbage") response.end("{ half");
      if (answer === "broken") response.write("{", () => response.destroy());
      const more = (): void => {
        while (!response.destroyed && response.write(big));
      };
      if (answer === "endless") {
        response.on("drain", more);
        more();
      }
      return true;
    });
    const client = clientOf(api);
    expect(await failureOf(client.get(SERVICES, never()))).toMatchObject({ type: "malformed" });
    answer = "broken";
    expect(await failureOf(client.get(SERVICES, never()))).toMatchObject({ type: "broken" });
    answer = "endless";
    expect(await failureOf(client.get(SERVICES, never()))).toMatchObject({ type: "oversized" });
  });

  it("fails when nobody listens, and when no answer comes in 30 s", async () => {
    const api = await startFakeApiServer();
    const clock = createFakeClock();
    const asked = Promise.withResolvers<void>();
    api.intervene(() => {
      asked.resolve();
      return true;
    });
    const late = failureOf(clientOf(api, {}, clock).get(SERVICES, never()));
    await asked.promise;
    clock.advance(30_000);
    expect(await late).toMatchObject({ type: "unreachable", message: expect.stringContaining("30 s") });
    await api.stop();
    expect(await failureOf(clientOf(api).get(SERVICES, never()))).toMatchObject({
      type: "unreachable",
      message: "the API server cannot be reached (ECONNREFUSED)",
    });
  });

  it("waits 30 s for credentials, and no longer than it is wanted", async () => {
    const api = await startFakeApiServer();
    const clock = createFakeClock();
    const stuck = clientOf(api, { credentials: () => new Promise(() => {}) }, clock);
    const late = failureOf(stuck.get(SERVICES, never()));
    clock.advance(30_000);
    expect(await late).toMatchObject({ type: "unauthorized", message: "no credentials could be had within 30 s" });
    const stopping = new AbortController();
    const unwanted = failureOf(stuck.get(SERVICES, stopping.signal));
    stopping.abort();
    expect(await unwanted).toMatchObject({ message: "the request was given up" });
    expect(await failureOf(stuck.get(SERVICES, stopping.signal))).toMatchObject({
      message: "the request was given up",
    });
    expect(clock.pending()).toBe(0);
  });

  it("tells no credential in a failure", async () => {
    const api = await startFakeApiServer();
    api.setToken("another");
    expect(JSON.stringify(await failureOf(clientOf(api).get(SERVICES, never())))).not.toContain(api.token);
  });
});

describe("a watch", () => {
  async function openWatch(api: FakeApiServer, clock: Clock = systemClock) {
    const stopping = new AbortController();
    const lines = clientOf(api, {}, clock).lines(`${SERVICES}?watch=1&resourceVersion=1000`, stopping.signal);
    expect(await lines.next()).toMatchObject({ value: [] });
    return { lines, stopping };
  }

  it("gives lines as they come, whole ones only, and ends when the server ends it", async () => {
    const api = await startFakeApiServer();
    const { lines } = await openWatch(api);
    const line = bookmarkLine(1_001);
    api.tellWatches("services", `${line}${line.slice(0, 20)}`);
    expect(await lines.next()).toMatchObject({ value: [line.trim()] });
    const next = lines.next();
    api.tellWatches("services", line.slice(20));
    expect(await next).toMatchObject({ value: [line.trim()] });
    api.tellWatches("services", '{"half":');
    api.endWatches("end");
    for (;;) {
      const { done, value } = await lines.next();
      if (done === true) break;
      expect(value).toEqual([]);
    }
  });

  it("is cut when it says nothing for 90 s, but not before, and when the connection is", async () => {
    const api = await startFakeApiServer();
    const clock = createFakeClock();
    const { lines } = await openWatch(api, clock);
    const told = lines.next();
    clock.advance(89_999);
    api.tellWatches("services", bookmarkLine(1_001));
    expect(await told).toMatchObject({ value: [bookmarkLine(1_001).trim()] });
    const cut = failureOf(lines.next());
    clock.advance(90_000);
    expect(await cut).toMatchObject({ type: "silent" });
    const other = await openWatch(api);
    const broken = failureOf(other.lines.next());
    api.endWatches("cut");
    expect(await broken).toMatchObject({ type: "broken" });
  });

  it("holds no more than one line that has no end", async () => {
    const api = await startFakeApiServer();
    const { lines } = await openWatch(api);
    api.tellWatches("services", "x".repeat(9 * 1024 * 1024));
    const drain = async (): Promise<void> => {
      while ((await lines.next()).done !== true);
    };
    expect(await failureOf(drain())).toMatchObject({ type: "oversized" });
  });
});

it("what a server says of an error stays on one line and is cut", async () => {
  const api = await startFakeApiServer();
  api.intervene((_, response) => {
    sendJson(response, 500, { message: `x\nready\u2028${"y".repeat(10_000)}` });
    return true;
  });
  const failure = (await failureOf(clientOf(api).get(SERVICES, never()))) as Error;
  expect(failure.message).toMatch(/^the API server answered 500: x ready y+\.\.\.$/);
  expect(failure.message.length).toBe(300);
});
