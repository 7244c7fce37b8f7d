import { expect, it, onTestFinished } from "vitest";
import { requestBytes } from "../harness/incoming-request.ts";
import { type LogLine } from "../harness/log-collector.ts";
import { manifestText, route, rule, service } from "../harness/manifests.ts";
import { connectRaw } from "../harness/raw-client.ts";
import { startApp } from "../harness/start-app.ts";
import { fieldOf } from "../harness/websocket-backend.ts";
import { startWsBackend } from "../harness/ws-backend.ts";

const sayingGoodbye = (line: LogLine): boolean => line["msg"] === "draining: stopped accepting, saying goodbye";

it("An upgrade whose head ends after accepting stopped is answered 503, on a new and on a kept-alive connection", async () => {
  const backend = await startWsBackend();
  const files = {
    "all.json": manifestText(service("echo", [backend.port]), route("echo", [rule("all", "/", ["echo"])])),
  };
  const app = await startApp({ files, flags: { propagationDelay: "0s", gracePeriod: "20s" } });
  const head = requestBytes();
  const [fresh, kept] = await Promise.all([connectRaw(app.ports.http), connectRaw(app.ports.http)]);
  onTestFinished(() => {
    for (const { socket } of [fresh, kept]) socket.destroy();
  });
  await kept.send("GET /before HTTP/1.1\r\nHost: a.example\r\n\r\n");
  await kept.until("/before");
  const before = kept.received().length;
  await Promise.all([fresh, kept].map((peer) => peer.send(head.slice(0, 30))));
  // Another request behind shows that both halves have been read.
  const other = await fetch(`http://127.0.0.1:${app.ports.http}/other`, { headers: { connection: "close" } });
  expect(await other.text()).toBe("GET /other");
  const drained = app.drain();
  await app.log.lineWhere(sayingGoodbye);
  for (const [peer, from] of [[fresh, 0] as const, [kept, before] as const]) {
    await peer.send(head.slice(30));
    await peer.ended;
    const answer = peer.text().slice(from);
    expect(answer).toMatch(/^HTTP\/1\.1 503 /);
    expect(fieldOf(answer, "Retry-After")).toBe("1");
    expect(fieldOf(answer, "Connection")).toBe("close");
    expect(answer).toContain("shutting down");
    peer.end();
  }
  await drained;
  expect(backend.total()).toBe(0);
});
