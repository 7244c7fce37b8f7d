import { beforeAll, describe, expect, it } from "vitest";
import type { ConnectionRow } from "../../src/admin/debug/connection-row.ts";
import { makeSelfSigned, type PemPair } from "../../src/cli/self-signed.ts";
import { ingress, manifestText, route, rule, service, tlsSecret } from "../harness/manifests.ts";
import { expose, sentinel } from "../harness/sentinels.ts";
import { fingerprintOf } from "../harness/shown-certificate.ts";
import { type RunningApp, startApp } from "../harness/start-app.ts";
import { startWsBackend } from "../harness/ws-backend.ts";
import { openWs } from "../harness/ws-client.ts";

type Answer<Body> = { readonly status: number; readonly body: Body; readonly text: string };
type Listed = { readonly open: number; readonly matched: number; readonly connections: readonly ConnectionRow[] };
type Shown = {
  readonly total: number;
  readonly next: number | null;
  readonly items: readonly Record<string, unknown>[];
};

/** What an administrator reads is searched for secrets like everything else. */
async function ask<Body>(app: RunningApp, path: string, method = "GET"): Promise<Answer<Body>> {
  const response = await fetch(`http://127.0.0.1:${app.ports.admin}${path}`, { method });
  const text = await response.text();
  expose(`${method} ${path}`).add(text);
  return { status: response.status, body: JSON.parse(text) as Body, text };
}

let pair: PemPair;
beforeAll(async () => {
  pair = await makeSelfSigned(["secure.example"]);
});

async function openHouse(): Promise<RunningApp> {
  const backend = await startWsBackend();
  const credentials = [{ name: "Authorization", value: `Basic ${sentinel("route-credential")}` }];
  const tell = { type: "RequestHeaderModifier" as const, requestHeaderModifier: { set: credentials } };
  return await startApp({
    files: {
      "a.json": manifestText(
        service("echo", [backend.port]),
        route("chat", [rule("all", "/chat", ["echo"], { filters: [tell] }), rule("lost", "/lost", ["nobody"])]),
        ingress("secure", "secure.example", "echo", { tls: { tls: ["secure.example"] } }),
        tlsSecret("tls", pair),
      ),
      "b.yaml": "kind: Ingress\napiVersion: networking.k8s.io/v1\nmetadata: { name: broken }\nspec: { rulez: [] }\n",
    },
  });
}

describe("/debug/connections", () => {
  it("lists what is open, with what has passed, and finds it by its client and route", async () => {
    const app = await openHouse();
    const url = `ws://127.0.0.1:${app.ports.http}/chat?token=${sentinel("query")}`;
    const [talker, listener] = [await openWs(url), await openWs(url)];
    talker.socket.send("hello");
    await talker.next();
    const { body } = await ask<Listed>(app, "/debug/connections?route=chat&client=127.0.0.0/8&sort=bytes");
    expect([body.open, body.matched]).toEqual([2, 2]);
    expect(body.connections[0]).toMatchObject({
      state: "open",
      clientAddress: "127.0.0.1",
      path: "/chat",
      route: { kind: "WebSocketRoute", namespace: "default", name: "chat", rule: "all" },
      service: "default/echo:80",
      messagesIn: 1,
      messagesOut: 1,
      bytesOut: 7,
    });
    expect(body.connections[1]).toMatchObject({ messagesIn: 0, bytesOut: 0 });
    expect((await ask<Listed>(app, "/debug/connections?route=other")).body).toMatchObject({ open: 2, matched: 0 });
    expect(listener.isOpen()).toBe(true);
  });

  it("ends the one that is named, with a Close frame or at once, and no other", async () => {
    const app = await openHouse();
    const url = `ws://127.0.0.1:${app.ports.http}/chat`;
    const clients = [await openWs(url), await openWs(url), await openWs(url)];
    const { body } = await ask<Listed>(app, "/debug/connections?sort=age");
    const [first, second] = body.connections.toSorted((a, b) => a.id - b.id);
    expect(await ask(app, `/debug/connections/${first?.id}`, "DELETE")).toMatchObject({
      status: 200,
      body: { id: first?.id, requestId: first?.requestId, how: "close", end: { cause: "admin", clean: true } },
    });
    expect(await clients[0]?.closed).toMatchObject({ code: 1001, reason: "closed by an administrator" });
    expect((await ask(app, `/debug/connections/${second?.id}?how=reset`, "DELETE")).status).toBe(200);
    expect((await clients[1]?.closed)?.code).toBe(1006);
    await app.log.linesWhere((line) => line["cause"] === "admin", 2);
    await app.log.lineWhere((line) => line["askedBy"] === "127.0.0.1" && line["id"] === first?.requestId);
    expect(clients[2]?.isOpen()).toBe(true);
    expect((await ask(app, `/debug/connections/${first?.id}`, "DELETE")).status).toBe(404);
    expect((await ask(app, "/debug/connections/__proto__", "DELETE")).status).toBe(404);
    expect((await ask<Listed>(app, "/debug/connections")).body.open).toBe(1);
  });
});

describe("/debug/table", () => {
  it("shows what a host leads to, and neither keys nor credentials", async () => {
    const app = await openHouse();
    const routing = await ask<Shown>(app, "/debug/table?host=Secure.Example");
    expect(routing.body).toMatchObject({ total: 1, next: null });
    expect(routing.body.items.map(({ host }) => host)).toEqual(["secure.example"]);
    const all = await ask<Shown>(app, "/debug/table?limit=1&offset=1");
    expect(all.body).toMatchObject({ total: 3, next: 2, items: [{ host: "*", rule: { name: "chat", rule: "all" } }] });
    expect(all.text).toContain("[hidden]");
    const endpoints = await ask<Shown>(app, "/debug/table?part=endpoints&host=secure.example");
    expect(endpoints.body.items).toMatchObject([{ pool: "default/echo:80", endpoints: [{ address: "127.0.0.1" }] }]);
    const certificates = await ask<Shown>(app, "/debug/table?part=certificates");
    expect(certificates.body.items).toMatchObject([
      { host: "secure.example", certificates: [{ fingerprint: fingerprintOf(pair) }] },
    ]);
    expect(certificates.text).not.toContain("PRIVATE");
  });
});

describe("/debug/problems", () => {
  it("says what is wrong, and at which place of which file", async () => {
    const app = await openHouse();
    const { body } = await ask<{ total: number; matched: number; problems: unknown[] }>(app, "/debug/problems");
    expect([body.total, body.matched, body.problems.length]).toEqual([2, 2, 2]);
    expect(body.problems).toMatchObject([
      { reason: "UnknownField", kind: "Ingress", name: "broken", file: "b.yaml", line: 4 },
      { reason: "BackendNotFound", kind: "WebSocketRoute", name: "chat", effect: "refused", file: "a.json" },
    ]);
    const one = await ask<{ matched: number }>(app, "/debug/problems?kind=WebSocketRoute&namespace=default&name=chat");
    expect(one.body.matched).toBe(1);
    expect((await ask<{ matched: number }>(app, "/debug/problems?reason=Stale")).body.matched).toBe(0);
  });
});

describe("below /debug", () => {
  it("pages list themselves, and say what they expect", async () => {
    const app = await openHouse();
    const { body } = await ask<{ pages: { path: string }[] }>(app, "/debug");
    expect(body.pages.map(({ path }) => path)).toContain("/debug/connections/ID");
    expect(await ask(app, "/debug/pprof")).toMatchObject({
      status: 404,
      body: { code: "UnknownPage", error: expect.stringContaining("expected one of /debug, ") as string },
    });
    expect(await ask(app, "/debug/table", "DELETE")).toMatchObject({ status: 405, body: { code: "WrongMethod" } });
    expect(await ask(app, "/debug/table?part=secrets")).toMatchObject({
      status: 400,
      body: { code: "InvalidParameter" },
    });
    const foreign = await fetch(`http://127.0.0.1:${app.ports.admin}/debug`, {
      headers: { Origin: "http://a.example" },
    });
    expect([foreign.status, await foreign.json()]).toMatchObject([403, { code: "ForeignPage" }]);
  });

  it("on an address that others reach there is nothing without a token, and the log says so", async () => {
    const app = await startApp({ files: {}, flags: { adminAddress: "0.0.0.0:0" } });
    expect(await ask(app, "/debug/table")).toMatchObject({ status: 403 });
    expect(app.log.text()).toContain(
      "/debug on an address that is not loopback needs --admin-token-file: it is closed",
    );
    expect((await fetch(`http://127.0.0.1:${app.ports.admin}/livez`)).status).toBe(200);
  });
});
