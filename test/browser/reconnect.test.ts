import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { PemPair } from "../../src/cli/self-signed.ts";
import { isReport } from "../harness/log-collector.ts";
import { rule } from "../harness/manifests.ts";
import type { CliServer } from "../harness/start-cli.ts";
import { startWsBackend } from "../harness/ws-backend.ts";
import { launchChromium, openPage } from "./chromium.ts";
import { startCourier } from "./page-courier.ts";
import { answerPage, makePagePair, servePages } from "./serve-pages.ts";

let pair: PemPair;
let browser: Browser;

beforeAll(async () => {
  pair = await makePagePair();
  browser = await launchChromium(pair.chain);
});
afterAll(async () => await browser.close());

const REASON = "service restart";
const ENOUGH = 50;

/** Numbers from the first to the last, each once and in order. */
function run(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

it.each([
  ["ws", false],
  ["wss", true],
] as const)(
  "A page that sends over %s while its replica drains goes on at the next, and no message is lost",
  async (scheme, secure) => {
    /** What came by each WebSocket, by their order. */
    const heard: number[][] = [];
    const backend = await startWsBackend({
      plain: answerPage,
      connected: (socket) => {
        const own: number[] = [];
        heard.push(own);
        socket.on("message", (data: Buffer) => {
          own.push(Number(data.toString()));
          socket.send(data.toString());
        });
      },
    });
    const rules = [rule("numbers", "/numbers", ["echo"], { drain: { reason: REASON, window: "500ms" } })];
    const replicas = [
      await servePages({ backend: backend.port, pair, rules }),
      await servePages({ backend: backend.port, pair, rules }),
    ] as const;
    const origin = (replica: CliServer): string => `localhost:${secure ? replica.ports.https : replica.ports.http}`;
    const urls = replicas.map((replica) => `${scheme}://${origin(replica)}/numbers`);
    const page = await openPage(browser, `${secure ? "https" : "http"}://${origin(replicas[0])}/`);
    const courier = await startCourier(page, urls);
    await courier.until({ answered: ENOUGH, connected: 1 });

    replicas[0].signal("SIGTERM");
    expect(await replicas[0].exited).toMatchObject({ code: 0 });
    await courier.until({ answered: 0, connected: 2 });
    const atReturn = (await courier.state()).answered.length;
    await courier.until({ answered: atReturn + ENOUGH, connected: 2 });
    await courier.stop();

    const { last, answered, connected, ends } = await courier.state();
    expect(connected).toEqual(urls);
    expect(ends).toEqual([{ code: 1012, reason: REASON, wasClean: true }]);
    // The backend heard every number in order up to the Close, and from the first that was not answered behind it.
    const [before = [], after = [], ...more] = heard;
    expect(more).toEqual([]);
    expect(before).toEqual(run(1, before.length));
    expect(after).toEqual(run(after[0] ?? 0, last));
    expect(after[0]).toBeLessThanOrEqual(before.length + 1);
    // What was answered before the Close was not sent again.
    expect([...answered].sort((one, other) => one - other)).toEqual(run(1, last));
    const report = await replicas[0].out.lineWhere((line) => isReport(line) && line["path"] === "/numbers");
    expect(report).toMatchObject({ cause: "drain", by: "proxy", clean: true, messagesIn: before.length });
  },
);
