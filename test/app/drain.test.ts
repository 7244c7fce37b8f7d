import { performance } from "node:perf_hooks";
import { expect, it, onTestFinished } from "vitest";
import type { WebSocket } from "ws";
import { createManifestDirectory } from "../files/manifest-directory.ts";
import { isReport } from "../harness/log-collector.ts";
import { manifestText, route, rule, service } from "../harness/manifests.ts";
import { type CliServer, serveByCli } from "../harness/start-cli.ts";
import { startWsBackend, type WsBackend } from "../harness/ws-backend.ts";
import { openWs, type WsClient } from "../harness/ws-client.ts";

const SOCKETS = 2_000;
const BUSY = 50;
const WINDOW_S = 8;
/** How far a busy machine may be behind the plan, whose evenness is shown with a fake clock beside the drain itself. */
const LATE_S = 1.5;
/** Long enough for what is asked meanwhile to be answered on a busy machine. */
const DELAY_MS = 5_000;
const GRACE_MS = 30_000;
const REASON = "back in a moment ✓";

/** Sends fragmented messages without pause, so that a turn to close comes inside of frames and between fragments. */
function chatter(socket: WebSocket): void {
  const payload = Buffer.alloc(9_000, 7);
  const timer = setInterval(() => {
    if (socket.readyState !== socket.OPEN) return;
    socket.send(payload, { fin: false });
    socket.send(payload.subarray(0, 100), { fin: true });
  }, 100);
  socket.once("close", () => clearInterval(timer));
}

async function serve(): Promise<{ readonly server: CliServer; readonly backend: WsBackend }> {
  const backend = await startWsBackend({
    connected: (socket, request) => {
      if (request.url === "/busy") chatter(socket);
    },
  });
  const directory = await createManifestDirectory();
  const drain = { reason: REASON, window: `${WINDOW_S}s` };
  const objects = [service("echo", [backend.port]), route("echo", [rule("all", "/", ["echo"], { drain })])];
  await directory.write({ "all.json": manifestText(...objects) });
  const server = await serveByCli(directory.root, [
    "--propagation-delay",
    `${DELAY_MS}ms`,
    "--grace-period",
    `${GRACE_MS}ms`,
  ]);
  return { server, backend };
}

async function openMany({ ports }: CliServer): Promise<readonly WsClient[]> {
  const clients: WsClient[] = [];
  onTestFinished(() => {
    for (const { socket } of clients) socket.terminate();
  });
  while (clients.length < SOCKETS) {
    const paths = Array.from({ length: 100 }, (_, index) => (clients.length + index < BUSY ? "busy" : "quiet"));
    clients.push(...(await Promise.all(paths.map((path) => openWs(`ws://127.0.0.1:${ports.http}/${path}`)))));
  }
  return clients;
}

async function statusOf(port: number, path: string): Promise<{ status: number; connection: string | null }> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  await response.arrayBuffer();
  return { status: response.status, connection: response.headers.get("connection") };
}

it(`${SOCKETS} sockets hear 1012 at frame boundaries, spread evenly over the window, and the process exits with 0 in time`, async () => {
  const { server, backend } = await serve();
  const { http, admin } = server.ports;
  const clients = await openMany(server);
  expect((await statusOf(admin, "/readyz")).status).toBe(200);
  const startMs = performance.now();
  server.signal("SIGTERM");

  // Not ready at once, and still accepting.
  await server.out.lineWhere((line) => line["msg"] === "draining: not ready, still accepting");
  expect((await statusOf(admin, "/readyz")).status).toBe(503);
  expect((await statusOf(admin, "/livez")).status).toBe(200);
  expect(await statusOf(http, "/plain")).toEqual({ status: 200, connection: "close" });
  const late = await openWs(`ws://127.0.0.1:${http}/late`);
  expect(clients.every(({ isOpen }) => isOpen())).toBe(true);

  const goodbye = await server.out.lineWhere((line) => String(line["msg"]).endsWith("saying goodbye"));
  expect(goodbye["open"]).toBe(SOCKETS + 1);
  const goodbyeMs = Date.parse(String(goodbye["time"]));
  await expect(openWs(`ws://127.0.0.1:${http}/`)).rejects.toThrow("ECONNREFUSED");
  expect((await statusOf(admin, "/readyz")).status).toBe(503);

  const ends = await Promise.all([...clients, late].map(({ closed }) => closed));
  expect(new Set(ends.map(({ code, reason }) => `${code} ${reason}`))).toEqual(new Set([`1012 ${REASON}`]));
  expect(clients.flatMap(({ errors }) => errors)).toEqual([]);
  const received = clients.slice(0, BUSY).flatMap(({ received: messages }) => messages);
  expect(received.length).toBeGreaterThan(BUSY);
  expect(new Set(received.map(({ data }) => data.length))).toEqual(new Set([9_100]));

  // By each second of the window: nobody early, and nobody later than a busy machine explains.
  const byNow = (second: number): number => ends.filter(({ atMs }) => atMs <= goodbyeMs + second * 1_000).length;
  const perSecond = SOCKETS / WINDOW_S;
  for (let second = 1; second < WINDOW_S; second += 1) {
    expect(byNow(second)).toBeLessThanOrEqual(perSecond * second * 1.05 + 1);
    expect(byNow(second)).toBeGreaterThan(perSecond * (second - LATE_S));
  }

  const { code } = await server.exited;
  const tookMs = performance.now() - startMs;
  expect(code).toBe(0);
  expect(tookMs).toBeGreaterThan(DELAY_MS + WINDOW_S * 900);
  expect(tookMs).toBeLessThan(GRACE_MS);
  expect(server.errors()).toBe("");
  expect((await backend.ended(SOCKETS + 1)).every((end) => end.code === 1001)).toBe(true);

  const reports = server.out.lines().filter((line) => isReport(line) && line["outcome"] === "relayed");
  expect(reports).toHaveLength(SOCKETS + 1);
  expect(new Set(reports.map(({ id }) => id)).size).toBe(SOCKETS + 1);
  const words = new Set(
    reports.map(({ cause, by, clean, closeToClient }) => [cause, by, clean, closeToClient].join(" ")),
  );
  expect(words).toEqual(new Set(["drain proxy true 1012"]));
  expect(server.out.lines().at(-1)).toMatchObject({
    msg: "drained",
    asked: SOCKETS + 1,
    ended: SOCKETS + 1,
    unclean: 0,
    left: 0,
  });
}, 90_000);
