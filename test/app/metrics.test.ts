import { expect, it } from "vitest";
import { isReport } from "../harness/log-collector.ts";
import { manifestText, route, rule, service } from "../harness/manifests.ts";
import { startApp } from "../harness/start-app.ts";
import { startWsBackend } from "../harness/ws-backend.ts";
import { closeWs, openWs } from "../harness/ws-client.ts";

it("/metrics follows a WebSocket from its handshake to its end, and counts what was refused", async () => {
  const backend = await startWsBackend();
  const rules = [rule("all", "/echo", ["echo"])];
  const { ports, log } = await startApp({
    files: { "all.json": manifestText(service("echo", [backend.port]), route("echo", rules)) },
  });
  const scrape = async (): Promise<string> => (await fetch(`http://127.0.0.1:${ports.admin}/metrics`)).text();
  expect(await scrape()).toMatch(/^fairlead_ready 1$/mu);

  expect((await fetch(`http://localhost:${ports.http}/nobody`)).status).toBe(404);
  const client = await openWs(`ws://localhost:${ports.http}/echo`);
  client.socket.send("twelve bytes");
  await client.next();
  const during = await scrape();
  expect(during).toMatch(/^fairlead_connections_open 1$/mu);
  expect(during).toMatch(/^fairlead_relay_messages_total\{direction="in"\} 1$/mu);
  expect(during).toMatch(/^fairlead_relay_messages_total\{direction="out"\} 1$/mu);
  expect(during).toMatch(/^fairlead_relay_bytes_total\{direction="in"\} 18$/mu);
  expect(during).toMatch(/^fairlead_requests_refused_total\{failure="NoRoute"\} 1$/mu);
  expect(during).toMatch(/^fairlead_connections_ended_total\{cause="client",by="client"\} 0$/mu);

  await closeWs(client, 1000);
  await log.linesWhere(isReport, 2);
  const after = await scrape();
  expect(after).toMatch(/^fairlead_connections_open 0$/mu);
  expect(after).toMatch(/^fairlead_connections_opened_total 1$/mu);
  expect(after).toMatch(/^fairlead_connections_ended_total\{cause="client",by="client"\} 1$/mu);
  expect(after).toMatch(/^fairlead_relay_messages_total\{direction="in"\} 1$/mu);
  expect(after).toMatch(/^fairlead_table_routes 1$/mu);
  expect(after).not.toMatch(/echo|nobody|127\.0\.0\.1|localhost/u);
});

it("/metrics counts the swaps of a table", async () => {
  const backend = await startWsBackend();
  const echo = service("echo", [backend.port]);
  const text = (rules: readonly string[]): string =>
    manifestText(
      echo,
      route(
        "echo",
        rules.map((name) => rule(name, `/${name}`, ["echo"])),
      ),
    );
  const app = await startApp({ files: { "all.json": text(["one"]) } });
  const scrape = async (): Promise<string> => (await fetch(`http://127.0.0.1:${app.ports.admin}/metrics`)).text();
  expect(await scrape()).toMatch(/^fairlead_swaps_total\{table="routing"\} 1$/mu);
  await app.swap(() => app.directory.write({ "all.json": text(["one", "two"]) }));
  expect(await scrape()).toMatch(/^fairlead_swaps_total\{table="routing"\} 2$/mu);
});
