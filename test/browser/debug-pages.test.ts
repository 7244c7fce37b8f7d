import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { PemPair } from "../../src/cli/self-signed.ts";
import type { CliServer } from "../harness/start-cli.ts";
import { startWsBackend } from "../harness/ws-backend.ts";
import { openWs, type WsClient } from "../harness/ws-client.ts";
import { launchChromium, openPage, REBOUND_NAME } from "./chromium.ts";
import { answerPage, makePagePair, servePages } from "./serve-pages.ts";

let pair: PemPair;
let browser: Browser;

beforeAll(async () => {
  pair = await makePagePair();
  browser = await launchChromium(pair.chain);
});
afterAll(async () => await browser.close());

async function openHouse(): Promise<{ readonly server: CliServer; readonly client: WsClient }> {
  const backend = await startWsBackend({ plain: answerPage });
  const server = await servePages({ backend: backend.port, pair, rules: [] });
  return { server, client: await openWs(`ws://localhost:${server.ports.http}/`) };
}

/** What a script of the page gets: a status and a body, or the kind of error that it sees. */
function fetchInPage(page: Page, url: string, method: string): Promise<readonly [number | string, string]> {
  return page.evaluate(
    async (asked): Promise<[number | string, string]> => {
      try {
        const response = await fetch(asked.url, { method: asked.method });
        return [response.status, await response.text()];
      } catch (error) {
        return [error instanceof Error ? error.name : "?", ""];
      }
    },
    { url, method },
  );
}

async function isUnharmed({ server, client }: Awaited<ReturnType<typeof openHouse>>): Promise<boolean> {
  const listed = await fetch(`http://localhost:${server.ports.admin}/debug/connections?state=open`);
  return client.isOpen() && (await listed.text()).includes('"matched": 1');
}

it("A page of another origin on this machine reads nothing of /debug, and ends no connection", async () => {
  const house = await openHouse();
  const { http, admin } = house.server.ports;
  const page = await openPage(browser, `http://localhost:${http}/`);
  for (const host of ["localhost", "127.0.0.1"]) {
    const url = `http://${host}:${admin}/debug/connections`;
    expect(await fetchInPage(page, url, "GET")).toEqual(["TypeError", ""]);
    expect(await fetchInPage(page, `${url}/1`, "DELETE")).toEqual(["TypeError", ""]);
  }
  expect(await isUnharmed(house)).toBe(true);
});

it("A page whose name was bound to this machine reads nothing of /debug, and ends no connection", async () => {
  const house = await openHouse();
  const { admin } = house.server.ports;
  // To the browser, the stranger's page and the admin address are one origin.
  const page = await openPage(browser, `http://${REBOUND_NAME}:${admin}/livez`);
  const [status, body] = await fetchInPage(page, "/debug/connections", "GET");
  expect(status).toBe(403);
  expect(body).not.toContain("requestId");
  expect((await fetchInPage(page, "/debug/connections/1", "DELETE"))[0]).toBe(403);
  expect(await isUnharmed(house)).toBe(true);
});

it("A person who types the address reads it", async () => {
  const { server } = await openHouse();
  const page = await openPage(browser, `http://localhost:${server.ports.admin}/debug/connections`);
  expect(await page.textContent("body")).toContain('"requestId"');
});
