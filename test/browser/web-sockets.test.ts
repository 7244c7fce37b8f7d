import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PemPair } from "../../src/cli/self-signed.ts";
import { isReport } from "../harness/log-collector.ts";
import { rule, service } from "../harness/manifests.ts";
import type { CliServer } from "../harness/start-cli.ts";
import { startWsBackend, type WsBackend } from "../harness/ws-backend.ts";
import { launchChromium, openPage } from "./chromium.ts";
import { openInPage } from "./page-socket.ts";
import { answerPage, makePagePair, servePages } from "./serve-pages.ts";

let pair: PemPair;
let browser: Browser;

beforeAll(async () => {
  pair = await makePagePair();
  browser = await launchChromium(pair.chain);
});
afterAll(async () => await browser.close());

type Origins = Readonly<Record<"page" | "socket", string>>;
type House = {
  readonly server: CliServer;
  readonly fragile: WsBackend;
  readonly origins: (secure: boolean) => Origins;
};

const REASON = "back in a moment ✓";

async function openHouse(): Promise<House> {
  const deflate = { perMessageDeflate: true, handleProtocols: (): string => "chat.v2" };
  const backend = await startWsBackend({ plain: answerPage, options: deflate });
  const fragile = await startWsBackend();
  const drain = { reason: REASON, window: "1s" };
  const rules = [
    rule("drained", "/drained", ["echo"], { drain }),
    rule("fragile", "/fragile", ["fragile"]),
    rule("guarded", "/guarded", ["echo"], { security: { allowedOrigins: ["https://elsewhere.example"] } }),
  ];
  const server = await servePages({ backend: backend.port, pair, rules, more: [service("fragile", [fragile.port])] });
  const { http, https } = server.ports;
  const origins = (secure: boolean): Origins =>
    secure
      ? { page: `https://localhost:${https}`, socket: `wss://localhost:${https}` }
      : { page: `http://localhost:${http}`, socket: `ws://localhost:${http}` };
  return { server, fragile, origins };
}

describe.each([
  ["ws", false],
  ["wss", true],
])("A page that opens %s", (_scheme, secure) => {
  it("gets its messages back, its subprotocol, compression, and its own close code", async () => {
    const { server, origins } = await openHouse();
    const page = await openPage(browser, `${origins(secure).page}/`);
    expect(await page.title()).toBe("page");
    const socket = await openInPage(page, `${origins(secure).socket}/echo`, ["chat.v1", "chat.v2"]);
    expect(await socket.opened()).toBe(true);
    expect([await socket.protocol(), await socket.extensions()]).toEqual(["chat.v2", "permessage-deflate"]);
    expect(await socket.echo("héllo ✓")).toBe("héllo ✓");
    expect(await socket.echo(0)).toBe("0 bytes");
    expect(await socket.echo(1_000_000)).toBe("1000000 bytes");
    await socket.close(4_321, "done");
    expect(await socket.ended()).toEqual({ code: 4_321, reason: "done", wasClean: true });
    const report = await server.out.lineWhere((line) => isReport(line) && line["path"] === "/echo");
    expect(report).toMatchObject({ status: 101, secure, cause: "client", clean: true, messagesIn: 3, messagesOut: 3 });
  });

  it("is told 1012 and why when the replica drains", async () => {
    const { server, origins } = await openHouse();
    const page = await openPage(browser, `${origins(secure).page}/`);
    const socket = await openInPage(page, `${origins(secure).socket}/drained`, ["chat.v2"]);
    expect(await socket.opened()).toBe(true);
    expect(await socket.echo("before")).toBe("before");
    server.signal("SIGTERM");
    expect(await socket.ended()).toEqual({ code: 1012, reason: REASON, wasClean: true });
    expect(await server.exited).toMatchObject({ code: 0 });
    const report = await server.out.lineWhere((line) => isReport(line) && line["path"] === "/drained");
    expect(report).toMatchObject({ cause: "drain", clean: true, closeToClient: 1012 });
  });

  it("is told 1014 when the backend's TCP dies", async () => {
    const { server, fragile, origins } = await openHouse();
    const page = await openPage(browser, `${origins(secure).page}/`);
    const socket = await openInPage(page, `${origins(secure).socket}/fragile`);
    expect(await socket.opened()).toBe(true);
    expect(await socket.echo("before")).toBe("before");
    await fragile.kill();
    expect(await socket.ended()).toEqual({ code: 1014, reason: "backend connection lost", wasClean: true });
    const report = await server.out.lineWhere((line) => isReport(line) && line["path"] === "/fragile");
    expect(report).toMatchObject({ cause: "backend", by: "backend", closeToClient: 1014 });
  });

  it("is refused where its origin is not allowed: the browser sends the true one", async () => {
    const { server, origins } = await openHouse();
    const page = await openPage(browser, `${origins(secure).page}/`);
    const socket = await openInPage(page, `${origins(secure).socket}/guarded`);
    expect(await socket.opened()).toBe(false);
    expect(await socket.ended()).toEqual({ code: 1006, reason: "", wasClean: false });
    const report = await server.out.lineWhere((line) => isReport(line) && line["path"] === "/guarded");
    expect(report).toMatchObject({ outcome: "refused", status: 403, failure: "ForbiddenOrigin" });
  });
});
