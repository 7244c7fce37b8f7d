import { expect, it, onTestFinished } from "vitest";
import { manifestText, route, rule, service } from "../harness/manifests.ts";
import { type RunningApp, startApp } from "../harness/start-app.ts";
import { startWsBackend } from "../harness/ws-backend.ts";
import { openWs, type WsClient } from "../harness/ws-client.ts";

const SOCKETS = 100;
const WINDOW_MS = 2_000;

const DOOMED = route("doomed", [
  rule("slow", "/slow", ["echo"], {
    drain: { code: 4001, reason: "moved", window: `${WINDOW_MS}ms`, onRouteDeleted: "Close" },
  }),
  rule("fast", "/fast", ["echo"], { drain: { window: "0s", onRouteDeleted: "Close" } }),
]);
const KEPT = route("kept", [rule("kept", "/kept", ["echo"], { drain: { window: "0s" } })]);
const OTHER = route("other", [rule("other", "/other", ["echo"], { drain: { window: "0s", onRouteDeleted: "Close" } })]);

async function openHouse(): Promise<RunningApp> {
  const backend = await startWsBackend();
  return await startApp({
    files: {
      "service.json": manifestText(service("echo", [backend.port])),
      "doomed.json": manifestText(DOOMED),
      "kept.json": manifestText(KEPT),
      "other.json": manifestText(OTHER),
    },
  });
}

async function openMany(app: RunningApp, path: string, count: number): Promise<readonly WsClient[]> {
  const clients = await Promise.all(
    Array.from({ length: count }, () => openWs(`ws://127.0.0.1:${app.ports.http}${path}`)),
  );
  onTestFinished(() => {
    for (const { socket } of clients) socket.terminate();
  });
  return clients;
}

it("A deleted route whose rules say onRouteDeleted: Close closes its own sockets, with their code and over their window, and no other", async () => {
  const app = await openHouse();
  const slow = await openMany(app, "/slow", SOCKETS);
  const fast = await openMany(app, "/fast", 5);
  const kept = await openMany(app, "/kept", 5);
  const other = await openMany(app, "/other", 5);
  await app.swap(async () => await app.directory.remove("kept.json"));
  await app.swap(async () => await app.directory.remove("doomed.json"));
  const startMs = Date.now();
  const ends = await Promise.all(slow.map(({ closed }) => closed));
  expect(new Set(ends.map(({ code, reason }) => `${code} ${reason}`))).toEqual(new Set(["4001 moved"]));
  const quarters = [0, 0, 0, 0];
  for (const { atMs } of ends) {
    const quarter = Math.min(3, Math.max(0, Math.floor(((atMs - startMs) * 4) / WINDOW_MS)));
    quarters[quarter] = (quarters[quarter] ?? 0) + 1;
  }
  expect(
    quarters.filter((count) => count > (2 * SOCKETS) / 4 || count === 0).map((count) => [count, quarters]),
  ).toEqual([]);
  for (const { closed } of fast) expect(await closed).toMatchObject({ code: 1012, reason: "service restart" });
  expect([...kept, ...other].filter(({ isOpen }) => !isOpen())).toEqual([]);
  const reports = await app.log.linesWhere(({ outcome }) => outcome === "relayed", SOCKETS + 5);
  expect(new Set(reports.map(({ cause, by, clean }) => [cause, by, clean].join(" ")))).toEqual(
    new Set(["route-removed proxy true"]),
  );
  await expect(openMany(app, "/kept", 1)).rejects.toThrow("404");
});

it("A route that comes back before their turn keeps its sockets, and one that is only changed never loses them", async () => {
  const app = await openHouse();
  const slow = await openMany(app, "/slow", 20);
  const other = await openMany(app, "/other", 5);
  const changed = route("other", [rule("renamed", "/elsewhere", ["echo"])]);
  await app.swap(async () => await app.directory.saveByRename("other.json", manifestText(changed)));
  await app.swap(async () => await app.directory.remove("doomed.json"));
  await app.swap(async () => await app.directory.saveByRename("doomed.json", manifestText(DOOMED)));
  // Nothing follows a Close: who still gets an echo was not asked to close before.
  for (const { socket, isOpen } of slow) if (isOpen()) socket.send("still here");
  await Promise.all(slow.map(async ({ next, closed }) => await Promise.race([next().catch(() => null), closed])));
  const left = slow.filter(({ received }) => received.length > 0);
  expect(left.length).toBeGreaterThan(5);
  // Past the end of the window that was planned and taken back.
  const planned = Promise.withResolvers<void>();
  setTimeout(planned.resolve, WINDOW_MS + 200);
  await planned.promise;
  expect([...left, ...other].filter(({ isOpen }) => !isOpen())).toEqual([]);
});
