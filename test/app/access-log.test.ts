import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ACCESS_FIELDS } from "../../src/observe/access-fields.ts";
import { isReport } from "../harness/log-collector.ts";
import { manifestText, route, rule, service } from "../harness/manifests.ts";
import { connectRaw } from "../harness/raw-client.ts";
import { type RunningApp, startApp } from "../harness/start-app.ts";
import { startWsBackend } from "../harness/ws-backend.ts";
import { closeWs, openWs } from "../harness/ws-client.ts";

const FLOOD = 3_000;

async function echoApp(accessLog: string): Promise<RunningApp> {
  const backend = await startWsBackend();
  const files = {
    "all.json": manifestText(service("echo", [backend.port]), route("echo", [rule("all", "/echo", ["echo"])])),
  };
  return await startApp({ files, flags: { accessLog } });
}

async function metric({ ports }: RunningApp, name: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${ports.admin}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\d+)$`, "mu").exec(text)?.[1]);
}

/** One request behind the other on a kept-alive connection, each of them refused. */
async function flood({ ports }: RunningApp, count: number): Promise<void> {
  const peer = await connectRaw(ports.http);
  const request = "GET /nowhere HTTP/1.1\r\nHost: a.example\r\n\r\n";
  for (let sent = 0; sent < count; sent += 50) {
    await peer.send(request.repeat(50));
    await peer.until((bytes) => bytes.toString("latin1").split("HTTP/1.1 404 ").length > sent + 50, 15_000);
  }
  peer.reset();
}

describe("the access log of a whole app", () => {
  it(`writes a part of ${FLOOD} refusals, counts the rest, says how many, and leaves no WebSocket out`, async () => {
    const app = await echoApp("all");
    await flood(app, FLOOD);
    await closeWs(await openWs(`ws://127.0.0.1:${app.ports.http}/echo`), 1000);
    await app.log.lineWhere(({ outcome }) => outcome === "relayed");
    const written = app.log.reports().filter(({ failure }) => failure === "NoRoute").length;
    const leftOut = await metric(app, "fairlead_log_lines_suppressed_total");
    expect(leftOut).toBeGreaterThan(0);
    expect(written + leftOut).toBe(FLOOD);
    expect(await metric(app, 'fairlead_requests_refused_total\\{failure="NoRoute"\\}')).toBe(FLOOD);
    const summary = await app.log.lineWhere(({ msg }) => String(msg).startsWith("lines were left out"), 15_000);
    expect(summary).toMatchObject({ level: "warn", kinds: { NoRoute: expect.any(Number) } });
  });

  it.each([
    ["off", []],
    ["refused", ["refused"]],
    ["all", ["relayed", "refused"]],
  ])("--access-log %s", async (which, outcomes) => {
    const app = await echoApp(which);
    await closeWs(await openWs(`ws://127.0.0.1:${app.ports.http}/echo`), 1000);
    expect((await fetch(`http://127.0.0.1:${app.ports.http}/nowhere`)).status).toBe(404);
    // What is not logged is counted all the same; the lines of what was counted are written.
    await expect
      .poll(() => metric(app, 'fairlead_connections_ended_total\\{cause="client",by="client"\\}'), { timeout: 15_000 })
      .toBe(1);
    expect(app.log.lines().filter(isReport)).toHaveLength(outcomes.length);
    expect(app.log.reports().map(({ outcome }) => outcome)).toEqual(expect.arrayContaining(outcomes));
  });
});

it("The page about closed sockets asks for fields that the lines have", () => {
  const page = readFileSync(new URL("../../docs/who-closed-my-socket.md", import.meta.url), "utf8");
  const blocks = page.split("\n").filter((line) => line.startsWith("    "));
  const asked = blocks.flatMap((line) => [...line.matchAll(/(?<![\w\]])\.([a-z]\w+)|[{,] ?(\w+)(?=[,}])/giu)]);
  const names = new Set(asked.map(([, path, member]) => path ?? member));
  names.delete("log");
  expect(names.size).toBeGreaterThan(12);
  const known = new Set(ACCESS_FIELDS.map(({ name }) => name));
  expect([...names].filter((name) => name === undefined || !known.has(name))).toEqual([]);
});
