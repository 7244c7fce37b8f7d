import { X509Certificate } from "node:crypto";
import { expect, it } from "vitest";
import { makeSelfSigned } from "../../src/cli/self-signed.ts";
import { isReport } from "../harness/log-collector.ts";
import { ingress, manifestText, route, rule, service, tlsSecret } from "../harness/manifests.ts";
import { type RunningApp, startApp } from "../harness/start-app.ts";
import { startWsBackend } from "../harness/ws-backend.ts";
import { closeWs, openWs } from "../harness/ws-client.ts";
import { readExposition } from "../observe/read-exposition.ts";

/** Every sample of a scrape, by name and labels. */
async function scrape({ ports }: RunningApp): Promise<ReadonlyMap<string, number>> {
  const response = await fetch(`http://127.0.0.1:${ports.admin}/metrics`);
  const families = readExposition(await response.text());
  return new Map([...families.values()].flatMap(({ samples }) => [...samples]));
}

const ECHO = 'kind="WebSocketRoute",namespace="default",route="echo",rule="all"';
const ECHO_SERVICE = `${ECHO},service="default/echo:80"`;

it("/metrics follows a WebSocket from its handshake to its end, and counts what was refused", async () => {
  const backend = await startWsBackend();
  const rules = [rule("all", "/echo", ["echo"])];
  const app = await startApp({
    files: { "all.json": manifestText(service("echo", [backend.port]), route("echo", rules)) },
  });
  const { ports, log } = app;
  const before = await scrape(app);
  expect(before.get("fairlead_ready")).toBe(1);
  expect(before.get(`fairlead_route_connections_open{${ECHO_SERVICE}}`)).toBe(0);
  expect(before.get(`fairlead_route_handshakes_total{${ECHO},outcome="accepted"}`)).toBe(0);

  expect((await fetch(`http://localhost:${ports.http}/nobody?secret=sentinel`)).status).toBe(404);
  const client = await openWs(`ws://localhost:${ports.http}/echo/inner-path?token=sentinel`);
  client.socket.send("twelve bytes");
  await client.next();
  const during = await scrape(app);
  const expectedDuring = {
    fairlead_connections_open: 1,
    [`fairlead_route_connections_open{${ECHO_SERVICE}}`]: 1,
    [`fairlead_route_handshakes_total{${ECHO},outcome="accepted"}`]: 1,
    'fairlead_handshake_duration_seconds_count{outcome="accepted",listener="http"}': 1,
    'fairlead_handshake_duration_seconds_count{outcome="accepted",listener="https"}': 0,
    'fairlead_relay_messages_total{direction="in"}': 1,
    'fairlead_relay_messages_total{direction="out"}': 1,
    'fairlead_relay_frames_total{direction="in"}': 1,
    'fairlead_relay_bytes_total{direction="in"}': 18,
    [`fairlead_route_relay_bytes_total{${ECHO_SERVICE},direction="in"}`]: 18,
    [`fairlead_route_relay_messages_total{${ECHO_SERVICE},direction="out"}`]: 1,
    'fairlead_requests_refused_total{failure="NoRoute"}': 1,
    'fairlead_handshake_duration_seconds_count{outcome="client-error",listener="http"}': 0,
    'fairlead_connections_ended_total{cause="client",by="client"}': 0,
    'fairlead_connection_duration_seconds_count{listener="http"}': 0,
  };
  expect(Object.fromEntries(during)).toMatchObject(expectedDuring);

  await closeWs(client, 1000);
  await log.linesWhere(isReport, 2);
  const after = await scrape(app);
  expect(Object.fromEntries(after)).toMatchObject({
    fairlead_connections_open: 0,
    fairlead_connections_opened_total: 1,
    [`fairlead_route_connections_open{${ECHO_SERVICE}}`]: 0,
    [`fairlead_route_connections_ended_total{${ECHO},cause="client",by="client"}`]: 1,
    'fairlead_connections_ended_total{cause="client",by="client"}': 1,
    'fairlead_close_codes_total{peer="client",way="received",code="1000"}': 1,
    'fairlead_close_codes_total{peer="client",way="sent",code="1000"}': 1,
    'fairlead_close_codes_total{peer="client",way="sent",code="1006"}': 0,
    'fairlead_connection_duration_seconds_count{listener="http"}': 1,
    'fairlead_relay_messages_total{direction="in"}': 1,
    fairlead_table_routes: 1,
    fairlead_connections_stray_total: 0,
    fairlead_metrics_series_omitted: 0,
  });
  expect([...after.keys()].join("\n")).not.toMatch(/sentinel|nobody|inner-path|127\.0\.0\.1|localhost/u);
});

it("/metrics counts handshakes that fail by their route", async () => {
  const backend = await startWsBackend();
  const app = await startApp({
    files: {
      "all.json": manifestText(
        service("echo", [backend.port]),
        route("echo", [
          rule("all", "/echo", ["echo"], { security: { allowedOrigins: ["https://good.example"] } }),
          rule("broken", "/broken", ["missing"]),
        ]),
      ),
    },
  });
  const origin = { headers: { Origin: "https://evil.example" } };
  await expect(openWs(`ws://localhost:${app.ports.http}/echo`, [], origin)).rejects.toThrow("403");
  await expect(openWs(`ws://localhost:${app.ports.http}/broken`)).rejects.toThrow("503");
  expect((await fetch(`http://localhost:${app.ports.http}/broken`)).status).toBe(503);
  await app.log.linesWhere(isReport, 3);
  const samples = await scrape(app);
  expect(Object.fromEntries(samples)).toMatchObject({
    [`fairlead_route_handshakes_total{${ECHO},outcome="client-error"}`]: 1,
    [`fairlead_route_handshakes_total{${ECHO.replace("all", "broken")},outcome="config-error"}`]: 1,
    'fairlead_handshake_duration_seconds_count{outcome="config-error",listener="http"}': 1,
    'fairlead_problems{reason="BackendNotFound"}': 1,
    'fairlead_problems{reason="RouteConflict"}': 0,
  });
});

it("series of a route outlive swaps, and go with it, but not before its last WebSocket", async () => {
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
  const app = await startApp({ files: { "all.json": text(["all"]) } });
  const client = await openWs(`ws://localhost:${app.ports.http}/all`);
  client.socket.send("twelve bytes");
  await client.next();
  expect((await scrape(app)).get('fairlead_swaps_total{table="routing"}')).toBe(1);

  await app.swap(() => app.directory.write({ "all.json": text(["all", "two"]) }));
  const bytes = `fairlead_route_relay_bytes_total{${ECHO_SERVICE},direction="in"}`;
  const open = `fairlead_route_connections_open{${ECHO_SERVICE}}`;
  const swapped = await scrape(app);
  expect([swapped.get(bytes), swapped.get(open)]).toEqual([18, 1]);
  expect(swapped.get('fairlead_swaps_total{table="routing"}')).toBe(2);
  expect(swapped.get(open.replace("all", "two"))).toBe(0);
  expect(swapped.get('fairlead_translation_duration_seconds_count{scope="routes",result="changed"}')).toBe(2);

  await app.swap(() => app.directory.write({ "all.json": text(["two"]) }));
  client.socket.send("twelve bytes");
  await client.next();
  const removed = await scrape(app);
  expect([removed.get(bytes), removed.get(open)]).toEqual([36, 1]);

  await closeWs(client, 1000);
  await app.log.linesWhere(isReport, 1);
  const gone = await scrape(app);
  expect([...gone.keys()].filter((key) => key.includes('rule="all"'))).toEqual([]);
  expect(gone.get(open.replace("all", "two"))).toBe(0);
  expect(gone.get('fairlead_relay_bytes_total{direction="in"}')).toBeGreaterThanOrEqual(36);
});

it("/metrics says when the certificate of each host ends, by its Secret", async () => {
  const backend = await startWsBackend();
  const pair = await makeSelfSigned(["a.example", "b.example"]);
  const app = await startApp({
    files: {
      "all.json": manifestText(
        service("echo", [backend.port]),
        ingress("a", "a.example", "echo", { tls: { "web-tls": ["a.example", "b.example"] } }),
        tlsSecret("web-tls", pair),
      ),
    },
    defaultPair: pair,
  });
  const samples = await scrape(app);
  const endsAt = Date.parse(new X509Certificate(pair.chain).validTo) / 1_000;
  const name = "fairlead_certificate_expiry_timestamp_seconds";
  const found = [...samples].filter(([key]) => key.startsWith(name));
  expect(Object.fromEntries(found)).toEqual({
    [`${name}{host="a.example",secret="default/web-tls"}`]: endsAt,
    [`${name}{host="b.example",secret="default/web-tls"}`]: endsAt,
    // The same pair, which has a name where it is in a Secret too.
    [`${name}{host="*",secret="default/web-tls"}`]: endsAt,
  });
});

it("/metrics tells of the process", async () => {
  const app = await startApp({ files: {} });
  const samples = await scrape(app);
  for (const name of [
    "process_cpu_seconds_total",
    "process_resident_memory_bytes",
    "process_open_fds",
    "process_max_fds",
    "nodejs_heap_size_used_bytes",
    "fairlead_event_loop_active_seconds_total",
  ]) {
    expect([name, samples.get(name)]).toEqual([name, expect.any(Number)]);
    expect(samples.get(name)).toBeGreaterThan(0);
  }
  expect(Math.abs((samples.get("process_start_time_seconds") ?? 0) - Date.now() / 1_000)).toBeLessThan(3_600);
  expect([...samples.keys()].find((key) => key.startsWith("fairlead_build_info"))).toContain(
    `node="${process.version}"`,
  );
});
