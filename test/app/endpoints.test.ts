import { describe, expect, it, onTestFinished } from "vitest";
import type { SliceEndpoint } from "../../src/api/core.ts";
import { ingress, manifestText, route, rule, service, slice } from "../harness/manifests.ts";
import { type RunningApp, startApp } from "../harness/start-app.ts";
import { startWsBackend, type WsBackend } from "../harness/ws-backend.ts";
import { openWs, type WsClient } from "../harness/ws-client.ts";

type House = {
  readonly app: RunningApp;
  readonly backends: readonly [WsBackend, WsBackend];
  readonly port: number;
  /** Opens so many sockets and says how many each backend got. */
  readonly open: (count: number) => Promise<readonly [number, number]>;
  readonly clients: readonly WsClient[];
  readonly setEndpoints: (endpoints: readonly SliceEndpoint[]) => Promise<void>;
};

/** Two backends on one port of two loopback addresses, as pods are. */
async function openHouse(): Promise<House> {
  const one = await startWsBackend({ address: "127.0.0.1" });
  const two = await startWsBackend({ address: "127.0.0.2", port: one.port });
  const backends = [one, two] as const;
  const app = await startApp({
    files: {
      "route.json": manifestText(service("echo", null), route("echo", [rule("all", "/", ["echo"])])),
      "slice.json": manifestText(slice("echo", one.port, [at(1), at(2)])),
    },
  });
  const clients: WsClient[] = [];
  onTestFinished(() => {
    for (const { socket } of clients) socket.terminate();
  });
  const open: House["open"] = async (count) => {
    const before = backends.map((backend) => backend.total());
    for (let index = 0; index < count; index += 1) clients.push(await openWs(`ws://127.0.0.1:${app.ports.http}/`));
    return [one.total() - (before[0] ?? 0), two.total() - (before[1] ?? 0)];
  };
  const setEndpoints = async (endpoints: readonly SliceEndpoint[]): Promise<void> => {
    const text = manifestText(slice("echo", one.port, endpoints));
    await app.swap(async () => await app.directory.saveByRename("slice.json", text));
  };
  return { app, backends, port: one.port, open, clients, setEndpoints };
}

function at(host: 1 | 2, conditions: SliceEndpoint["conditions"] = {}): SliceEndpoint {
  return { addresses: [`127.0.0.${host}`], conditions };
}

async function allEcho(clients: readonly WsClient[]): Promise<void> {
  for (const { socket, next } of clients) {
    socket.send("still here");
    expect(String((await next()).data)).toBe("still here");
  }
}

const TERMINATING = { ready: false, serving: true, terminating: true };
const DEAD = { ready: false, serving: false, terminating: true };

describe("When endpoints change", () => {
  it("one that is gone gets no new socket, and the sockets that it has stay", async () => {
    const { app, open, clients, setEndpoints } = await openHouse();
    expect(await open(10)).toEqual([5, 5]);
    await setEndpoints([at(1)]);
    expect(await open(10)).toEqual([10, 0]);
    await allEcho(clients);
    await setEndpoints([at(1), at(2)]);
    expect(await open(10)).toEqual([5, 5]);
    await allEcho(clients);
    expect(app.log.reports()).toEqual([]);
  });

  it("one that terminates gets no new socket while another is ready, but is used when all terminate and serve", async () => {
    const { app, open, clients, setEndpoints } = await openHouse();
    expect(await open(4)).toEqual([2, 2]);
    await setEndpoints([at(1), at(2, TERMINATING)]);
    expect(await open(6)).toEqual([6, 0]);
    await setEndpoints([at(1, DEAD), at(2, TERMINATING)]);
    expect(await open(6)).toEqual([0, 6]);
    await allEcho(clients);
    await setEndpoints([at(1, DEAD), at(2, DEAD)]);
    await expect(open(1)).rejects.toThrow("503");
    await allEcho(clients);
    expect(app.log.reports()).toMatchObject([{ outcome: "refused", failure: "NoReadyEndpoint", endpoint: null }]);
  });

  it("none at all is 503 with Retry-After for upgrades and plain requests, until one is back", async () => {
    const { app, open, clients, setEndpoints } = await openHouse();
    expect(await open(2)).toEqual([1, 1]);
    await setEndpoints([]);
    const url = `http://127.0.0.1:${app.ports.http}/`;
    const plain = await fetch(url);
    expect([plain.status, plain.headers.get("retry-after"), await plain.text()]).toEqual([
      503,
      "1",
      "No endpoint is ready.\n",
    ]);
    const refusal = Promise.withResolvers<string | undefined>();
    const refused = openWs(`ws://127.0.0.1:${app.ports.http}/`, [], {
      finishRequest: (request) => {
        request.once("response", (response) => refusal.resolve(response.headers["retry-after"]));
        request.end();
      },
    });
    await expect(refused).rejects.toThrow("503");
    expect(await refusal.promise).toBe("1");
    await allEcho(clients);
    await setEndpoints([at(2)]);
    expect(await open(2)).toEqual([0, 2]);
    expect((await fetch(url)).status).toBe(200);
  });
});

describe("When files change", () => {
  it("a ConfigMap volume is swapped through its ..data link", async () => {
    const [one, two] = [await startWsBackend(), await startWsBackend()];
    const app = await startApp({ files: {} });
    const files = (port: number): Record<string, string> => ({
      "services.json": manifestText(service("echo", [port])),
      "routes.json": manifestText(route("echo", [rule("all", "/", ["echo"])])),
    });
    await expect(openWs(`ws://127.0.0.1:${app.ports.http}/`)).rejects.toThrow("404");
    await app.swap(async () => await app.directory.project(files(one.port)));
    const live = await openWs(`ws://127.0.0.1:${app.ports.http}/`);
    for (const [port, totals] of [
      [two.port, [1, 1]],
      [one.port, [2, 1]],
    ] as const) {
      await app.swap(async () => await app.directory.project(files(port)));
      (await openWs(`ws://127.0.0.1:${app.ports.http}/`)).socket.terminate();
      expect([one.total(), two.total()]).toEqual(totals);
    }
    await allEcho([live]);
    live.socket.terminate();
  });

  it("one that breaks keeps its last good version, says where it is broken, and is read again when mended", async () => {
    const [one, two] = [await startWsBackend(), await startWsBackend()];
    const written = (port: number, more: string): string =>
      `${JSON.stringify(service("echo", [port]))}\n---\n${JSON.stringify(route("echo", [rule("all", "/", ["echo"])]))}\n${more}`;
    const app = await startApp({ files: { "all.yaml": written(one.port, "") } });
    const breakage = "---\nkind: Service\nmetadata: [\n";
    await app.directory.saveByRename("all.yaml", written(two.port, breakage));
    const line = await app.log.lineWhere(({ level, file }) => level === "warn" && file === "all.yaml");
    expect(line).toMatchObject({ line: expect.any(Number), column: expect.any(Number) });
    expect(line["line"]).toBeOneOf([6, 7]);
    const live = await openWs(`ws://127.0.0.1:${app.ports.http}/`);
    expect([one.total(), two.total()]).toEqual([1, 0]);
    await app.swap(async () => await app.directory.saveByRename("all.yaml", written(two.port, "")));
    // The objects that were stale meanwhile are no further news.
    expect(app.log.lines().filter(({ level }) => level === "warn")).toEqual([line]);
    (await openWs(`ws://127.0.0.1:${app.ports.http}/`)).socket.terminate();
    expect([one.total(), two.total()]).toEqual([1, 1]);
    await allEcho([live]);
    live.socket.terminate();
    await app.directory.remove("all.yaml");
    await app.log.lineWhere((each) => each["msg"] === "tables are in use" && each["routing"] === 2);
    await expect(openWs(`ws://127.0.0.1:${app.ports.http}/`)).rejects.toThrow("404");
  });
});

describe("Endpoints and Services share the traffic", () => {
  it("by the weights of a rule, exactly, for WebSockets and plain requests", async () => {
    const [one, two, never] = [await startWsBackend(), await startWsBackend(), await startWsBackend()];
    const weighted = rule("all", "/", []);
    const backendRefs = [
      { name: "one", port: 80, weight: 3 },
      { name: "two", port: 80, weight: 1 },
      { name: "never", port: 80, weight: 0 },
    ];
    const services = [service("one", [one.port]), service("two", [two.port]), service("never", [never.port])];
    const app = await startApp({
      files: { "all.json": manifestText(...services, route("weighted", [{ ...weighted, backendRefs }])) },
    });
    for (let index = 0; index < 40; index += 1) {
      (await openWs(`ws://127.0.0.1:${app.ports.http}/`)).socket.terminate();
    }
    expect([one.total(), two.total(), never.total()]).toEqual([30, 10, 0]);
    for (let index = 0; index < 40; index += 1) {
      await (await fetch(`http://127.0.0.1:${app.ports.http}/`)).arrayBuffer();
    }
    const plain = app.log.reports().filter(({ outcome }) => outcome === "answered");
    const shares = ["default/one:80", "default/two:80"].map(
      (name) => plain.filter((each) => each["service"] === name).length,
    );
    expect(shares).toEqual([30, 10]);
  });

  it("and another one is tried when one refuses, before anything was sent", async () => {
    const alive = await startWsBackend();
    const dead = await startWsBackend();
    await dead.kill();
    const objects = [service("echo", [dead.port, alive.port]), ingress("echo", "a.example", "echo")];
    const app = await startApp({ files: { "all.json": manifestText(...objects) } });
    for (let index = 0; index < 8; index += 1) {
      const client = await openWs(`ws://127.0.0.1:${app.ports.http}/`, [], { headers: { host: "a.example" } });
      client.socket.close(1000);
      await client.closed;
    }
    const reports = await app.log.linesWhere(({ outcome }) => outcome === "relayed", 8);
    expect(new Set(reports.map(({ endpoint }) => endpoint))).toEqual(new Set([`127.0.0.1:${alive.port}`]));
    await alive.kill();
    const refused = openWs(`ws://127.0.0.1:${app.ports.http}/`, [], { headers: { host: "a.example" } });
    await expect(refused).rejects.toThrow("502");
    expect(app.log.reports().at(-1)).toMatchObject({ outcome: "refused", status: 502, failure: "ConnectFailed" });
  });
});
