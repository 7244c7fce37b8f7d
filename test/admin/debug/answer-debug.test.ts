import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { createAnswerDebug } from "../../../src/admin/debug/answer-debug.ts";
import type { DebugSources } from "../../../src/admin/debug/debug-sources.ts";
import { systemClock } from "../../../src/base/system-clock.ts";

test("four who look at once are enough: a fifth is told to come again, and who ends a connection waits for nobody", async () => {
  const looking = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  let turns = 0;
  const sources = {
    connections: { entries: () => new Map().entries(), get: () => undefined, counts: () => ({ open: 0 }) },
    clock: systemClock,
    turn: () => {
      turns += 1;
      if (turns === 4) looking.resolve();
      return released.promise;
    },
  } as unknown as DebugSources;
  const answerDebug = createAnswerDebug(sources);
  const access = { host: "127.0.0.1", token: null, wrongToken: () => {} };
  const server = createServer((request, response) => {
    answerDebug(request, response, access).catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/debug/connections`;
  const readers = Array.from({ length: 4 }, () => fetch(base));
  await looking.promise;

  const fifth = await fetch(base);
  expect([fifth.status, fifth.headers.get("retry-after")]).toEqual([503, "1"]);
  expect((await fetch(`${base}/1`, { method: "DELETE" })).status).toBe(404);
  expect((await fetch(base, { headers: { Origin: "http://evil.example" } })).status).toBe(403);
  released.resolve();
  expect((await Promise.all(readers)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  expect((await fetch(base)).status).toBe(200);
});
