import { describe, expect, it, onTestFinished } from "vitest";
import { createValidator } from "../../src/api/validate/create-validator.ts";
import type { KindFigures } from "../../src/base/cluster-figures.ts";
import type { ApiClient } from "../../src/kube/api-client.ts";
import { ApiFailure } from "../../src/kube/api-failure.ts";
import { type ClusterChange, type ClusterSource, createClusterSource } from "../../src/kube/cluster-source.ts";
import { createFakeClock, type FakeClock } from "../harness/fake-clock.ts";
import { ingress, route, rule, service } from "../harness/manifests.ts";
import { bookmarkLine } from "./fake-api-server.ts";
import { createFakeClient, type Faults, NO_FAULTS } from "./fake-client.ts";
import { type ClusterObject, createFakeCluster, type FakeCluster } from "./fake-cluster.ts";

const ALL = [
  "websocketroutes",
  "ingresses",
  "ingressclasses",
  "services",
  "endpointslices",
  "referencegrants",
  "secrets",
];

const validate = createValidator({ allowLoopback: false, unknownFields: "ignore" });

type World = {
  readonly cluster: FakeCluster;
  readonly clock: FakeClock;
  readonly source: ClusterSource;
  readonly changes: ClusterChange[];
  readonly lines: string[];
  /** What goes wrong from now on. */
  readonly set: (faults: Partial<Faults>) => void;
  /** Kinds that are installed; may be changed. */
  readonly plurals: string[];
  /** Thrown in place of answers to paths that contain a text. */
  readonly fail: Map<string, ApiFailure>;
  readonly asked: string[];
  readonly pass: (ms: number, stepMs?: number) => Promise<void>;
  readonly kind: (kind: string) => KindFigures | undefined;
};

async function turn(): Promise<void> {
  for (let turns = 0; turns < 3; turns += 1) await new Promise((resolve) => void setImmediate(resolve));
}

function createWorld(namespaces: readonly string[] = []): World {
  const [cluster, clock] = [createFakeCluster(), createFakeClock()];
  let faults: Faults = NO_FAULTS;
  const plurals = [...ALL];
  const fail = new Map<string, ApiFailure>();
  const changes: ClusterChange[] = [];
  const lines: string[] = [];
  const asked: string[] = [];
  const inner = createFakeClient(cluster, plurals, clock, () => faults);
  const check = (path: string): void => {
    asked.push(path);
    for (const [part, failure] of fail) if (path.includes(part)) throw failure;
  };
  const client: ApiClient = {
    ...inner,
    get: async (path, signal, accept) => {
      await Promise.resolve();
      check(path);
      return await inner.get(path, signal, accept);
    },
    lines: async function* (path, signal) {
      check(path);
      yield* inner.lines(path, signal);
    },
  };
  const tell = (_: unknown, message: string): void => void lines.push(message);
  const source = createClusterSource({
    client,
    validate,
    namespaces,
    log: { debug: tell, info: tell, warn: tell, error: tell },
    clock,
    random: () => 0.5,
    onChange: (change) => void changes.push(change),
  });
  onTestFinished(source.close);
  return {
    cluster,
    clock,
    source,
    changes,
    lines,
    set: (next) => {
      faults = { ...NO_FAULTS, ...next };
    },
    plurals,
    fail,
    asked,
    pass: async (ms, stepMs = 1_000) => {
      for (let passed = 0; passed < ms; passed += stepMs) {
        clock.advance(Math.min(stepMs, ms - passed));
        await turn();
      }
    },
    kind: (kind) => source.kinds().find((each) => each.kind === kind),
  };
}

async function started(namespaces: readonly string[] = []): Promise<World> {
  const world = createWorld(namespaces);
  await world.source.start();
  await turn();
  return world;
}

function put({ cluster }: World, object: unknown): void {
  cluster.put(object as ClusterObject);
}

const portOf = ({ source }: World): number | undefined => source.view().services[0]?.spec?.ports?.[0]?.port;
const named = (name: string, port: number): unknown => service(name, null, { port });
const isSettled = async (promise: Promise<unknown>): Promise<boolean> => {
  let settled = false;
  promise.then(
    () => (settled = true),
    () => (settled = true),
  );
  await turn();
  return settled;
};

describe("the first reading of a cluster", () => {
  it("is done when everything has been listed, over several pages", async () => {
    const world = createWorld();
    for (const name of ["a", "b", "c", "d", "e"]) put(world, service(name, null));
    await world.source.start();
    expect(world.source.view().services.map(({ metadata }) => metadata.name)).toEqual(["a", "b", "c", "d", "e"]);
    expect(world.asked.filter((path) => path.startsWith("/api/v1/services?limit"))).toHaveLength(3);
    expect(world.changes).toEqual([]);
  });

  it("waits for an API server that cannot be reached, and says so", async () => {
    const world = createWorld();
    const failure = new ApiFailure("unreachable", "the API server cannot be reached (ECONNREFUSED)");
    world.set({ onRequest: () => failure });
    const start = world.source.start();
    await world.pass(60_000);
    expect(await isSettled(start)).toBe(false);
    expect(world.kind("Ingress")).toMatchObject({ state: "failing", explanation: failure.message });
    expect(world.lines.filter((line) => line === `Ingress objects: ${failure.message}`)).toHaveLength(1);
    const asked = world.asked.length;
    expect(asked).toBeLessThan(60);
    world.set({});
    await world.pass(30_000);
    expect(await isSettled(start)).toBe(true);
    expect(world.kind("Ingress")).toMatchObject({ state: "synced", explanation: null });
  });

  it("goes on without a kind that is not installed or permitted, and names the rule that RBAC lacks", async () => {
    const world = createWorld();
    world.plurals.splice(0, world.plurals.length, ...ALL.filter((each) => each !== "referencegrants"));
    world.fail.set("/websocketroutes", new ApiFailure("forbidden", "the API server answered 403"));
    await world.source.start();
    expect(world.kind("ReferenceGrant")).toMatchObject({ state: "absent" });
    expect(world.asked.filter((path) => path.includes("referencegrants"))).toEqual([
      expect.stringContaining("/v1/"),
      expect.stringContaining("/v1beta1/"),
    ]);
    expect(world.kind("WebSocketRoute")).toMatchObject({
      state: "forbidden",
      explanation:
        "RBAC does not permit to read it: grant list and watch on websocketroutes.fairlead.dev in a ClusterRole",
    });
  });

  it.each([["services"], ["endpointslices"], ["ingressclasses"]])(
    "is never done without %s: a table that comes of a missing permission routes nothing",
    async (plural) => {
      const world = createWorld();
      world.fail.set(`/${plural}`, new ApiFailure("forbidden", "403"));
      const start = world.source.start();
      await world.pass(60_000);
      expect(await isSettled(start)).toBe(false);
      world.fail.clear();
      await world.pass(30_000);
      expect(await isSettled(start)).toBe(true);
    },
  );

  it("is given up when the source is closed", async () => {
    const world = createWorld();
    world.set({ onRequest: () => new ApiFailure("unreachable", "no") });
    const start = world.source.start();
    await Promise.all([expect(start).rejects.toThrow("stopped before"), world.source.close()]);
  });
});

describe("a cluster that is followed", () => {
  it("tells of each change with its kind, and of none that translation would not see", async () => {
    const world = await started();
    put(world, named("a", 1));
    put(world, { ...(named("a", 1) as object), status: { loadBalancer: {} } });
    await turn();
    put(world, named("a", 2));
    await turn();
    world.cluster.remove("Service", "default", "a");
    await turn();
    const ref = { kind: "Service", namespace: "default", name: "a" };
    expect(world.changes.map(({ changed, kinds }) => [changed, [...kinds]])).toEqual(
      Array.from({ length: 3 }, () => [[ref], ["Service"]]),
    );
    expect(world.source.view().services).toEqual([]);
  });

  it("keeps nothing of managed fields, the status and kubectl's copy", async () => {
    const world = createWorld();
    const annotations = { "kubectl.kubernetes.io/last-applied-configuration": "{}", kept: "yes" };
    put(world, { ...service("a", null), metadata: { name: "a", annotations }, status: { loadBalancer: {} } });
    await world.source.start();
    const [kept] = world.source.view().services;
    expect(JSON.parse(JSON.stringify(kept))).toMatchObject({ metadata: { name: "a", annotations: { kept: "yes" } } });
    expect(JSON.stringify(kept)).not.toMatch(/managedFields|last-applied|status|resourceVersion/);
  });

  it("accepts fields of core kinds that are newer than this code, and keeps the list of a kind that did not change", async () => {
    const world = createWorld();
    put(world, { ...service("a", null), spec: { ports: [{ port: 80, brandNew: true }], alsoNew: { deep: [1] } } });
    await world.source.start();
    await turn();
    const before = world.source.view();
    expect(before.services).toHaveLength(1);
    put(world, ingress("web", "web.example.com", "a"));
    await turn();
    expect(world.source.view().services).toBe(before.services);
    expect(world.source.view().ingresses).not.toBe(before.ingresses);
  });

  it("goes on with the last good version of an object that became invalid, until it is mended or gone", async () => {
    const world = createWorld();
    const good = route("chat", [rule("all", "/", ["a"])], { hostnames: ["chat.example.com"] });
    const bad = { ...good, spec: { ...good.spec, hostnames: ["not a host"] } };
    put(world, good);
    put(world, { ...bad, metadata: { name: "never-good" } });
    await world.source.start();
    await turn();
    expect(world.source.problems()).toMatchObject([{ object: { name: "never-good" }, field: "spec.hostnames[0]" }]);
    put(world, bad);
    await turn();
    const { webSocketRoutes, stale } = world.source.view();
    expect(webSocketRoutes).toMatchObject([{ metadata: { name: "chat" }, spec: { hostnames: ["chat.example.com"] } }]);
    expect(stale).toMatchObject([
      {
        object: { kind: "WebSocketRoute", name: "chat" },
        message: expect.stringMatching(/^spec\.hostnames\[0\]: .*last good/),
      },
    ]);
    // Also for a list: the bad version is known already.
    world.cluster.compact();
    world.set({ onLines: (sent) => ({ lines: sent, next: "end" }) });
    world.cluster.remove("WebSocketRoute", "default", "chat");
    put(world, bad);
    await world.pass(5_000);
    expect([world.source.view().webSocketRoutes, world.source.view().stale]).toEqual([[], []]);
    put(world, good);
    await world.pass(5_000);
    expect(world.source.view().webSocketRoutes).toHaveLength(1);
    expect(world.lines).toContain("a problem reported here earlier is gone");
  });

  it("is resumed where it was after it broke, without a list, and nothing flaps", async () => {
    const world = await started();
    put(world, named("a", 1));
    await turn();
    world.set({ onLines: (lines) => ({ lines, next: "break" }) });
    put(world, named("a", 2));
    await world.pass(3_000);
    world.set({});
    put(world, named("a", 3));
    await world.pass(3_000);
    expect(portOf(world)).toBe(3);
    expect(world.kind("Service")).toMatchObject({ state: "synced", objects: 1 });
    expect(world.kind("Service")?.lists).toEqual(new Map([["start", 1]]));
    expect(world.kind("Service")?.failures).toEqual(new Map([["broken", 1]]));
    expect(world.lines.some((line) => line.includes("broke"))).toBe(false);
  });

  it("is listed anew after 410, and only what differs is told", async () => {
    const world = createWorld();
    for (const name of ["a", "b", "c"]) put(world, named(name, 1));
    await world.source.start();
    await turn();
    world.set({ onLines: () => ({ lines: [], next: "break" }) });
    put(world, named("b", 2));
    await turn();
    world.cluster.remove("Service", "default", "c");
    world.cluster.compact();
    world.set({});
    await world.pass(5_000);
    expect(world.changes.map(({ changed }) => changed.map(({ name }) => name))).toEqual([["b", "c"]]);
    expect(world.kind("Service")?.lists.get("expired")).toBe(1);
    expect(world.kind("Service")?.missed).toBe(0);
  });

  it("keeps what it has while lists fail, however long", async () => {
    const world = createWorld();
    put(world, named("a", 1));
    await world.source.start();
    await turn();
    world.cluster.compact();
    world.set({
      onRequest: () => new ApiFailure("refused", "the API server answered 500"),
      onLines: () => ({ lines: [], next: "break" }),
    });
    put(world, named("b", 1));
    await world.pass(900_000, 10_000);
    expect(world.source.view().services).toHaveLength(1);
    expect(world.kind("Service")).toMatchObject({ state: "failing", explanation: "the API server answered 500" });
    expect(world.kind("Service")?.eventAgeMs).toBeGreaterThan(890_000);
    // 900 s at 15 s each, and the first few sooner.
    expect(world.asked.filter((path) => path.includes("/services")).length).toBeLessThan(80);
  });

  it("does not come back before Retry-After", async () => {
    const world = await started();
    world.set({
      onRequest: () => new ApiFailure("throttled", "429", 20_000),
      onLines: () => ({ lines: [], next: "break" }),
    });
    put(world, named("a", 1));
    await turn();
    await world.pass(1_000);
    const before = world.asked.length;
    await world.pass(18_000);
    expect(world.asked.length).toBe(before);
    await world.pass(3_000);
    expect(world.asked.length).toBeGreaterThan(before);
  });

  it("is not begun again at once for ever when the server ends it at once", async () => {
    const world = await started();
    const watch = world.asked.findLast((path) => path.includes("/services?watch=1"));
    expect(watch).toMatch(/allowWatchBookmarks=true&timeoutSeconds=(?:2[3-9]\d|3[0-4]\d|350)&resourceVersion=1000$/);
    world.set({ onLines: () => ({ lines: [], next: "end" }) });
    put(world, named("a", 1));
    await turn();
    const asked = world.asked.length;
    await turn();
    expect(world.asked.length).toBe(asked);
    expect(world.kind("Service")?.failures.get("hasty")).toBe(1);
  });

  it("is listed anew where a line cannot be read however often it is sent", async () => {
    const world = await started();
    world.set({ onLines: (lines) => ({ lines: lines.map(() => '{"type":"ADDED","object":{}}'), next: "go on" }) });
    put(world, named("a", 1));
    await world.pass(20_000);
    expect(portOf(world)).toBe(1);
    expect(world.kind("Service")?.failures.get("malformed")).toBe(3);
    expect(world.kind("Service")?.lists.get("malformed")).toBe(1);
  });

  it("is compared with a list every 10 to 15 minutes, and what the watch did not tell is counted", async () => {
    const world = await started();
    world.set({
      onLines: (lines) => ({
        lines: lines.length > 1 ? [bookmarkLine(world.cluster.version()).trim()] : lines,
        next: "go on",
      }),
    });
    put(world, named("swallowed", 7));
    await world.pass(590_000, 10_000);
    expect(portOf(world)).toBeUndefined();
    await world.pass(330_000, 10_000);
    expect(portOf(world)).toBe(7);
    expect(world.kind("Service")).toMatchObject({ missed: 1 });
    expect(world.kind("Service")?.lists.get("safety")).toBe(1);
    expect(world.kind("Ingress")).toMatchObject({ missed: 0 });
  });

  it("notices a kind that is installed later, and believes one gone that stays unknown", async () => {
    const world = createWorld();
    world.plurals.splice(world.plurals.indexOf("websocketroutes"), 1);
    await world.source.start();
    const chat = route("chat", [rule("all", "/", ["a"])], { hostnames: ["chat.example.com"] });
    world.plurals.push("websocketroutes");
    put(world, chat);
    await world.pass(21_000);
    expect(world.source.view().webSocketRoutes).toHaveLength(1);
    expect(world.kind("WebSocketRoute")).toMatchObject({ state: "synced" });
    world.plurals.splice(world.plurals.indexOf("websocketroutes"), 1);
    world.set({ onLines: () => ({ lines: [], next: "break" }) });
    put(world, chat);
    await world.pass(30_000);
    expect([world.source.view().webSocketRoutes.length, world.kind("WebSocketRoute")?.state]).toEqual([1, "absent"]);
    await world.pass(60_000);
    expect(world.source.view().webSocketRoutes).toEqual([]);
  });

  it("reads the namespaces that it is given, each by itself", async () => {
    const world = createWorld(["apps", "shop"]);
    for (const namespace of ["apps", "shop", "other"])
      put(world, { ...service("a", null), metadata: { name: "a", namespace } });
    world.fail.set("/namespaces/shop/services", new ApiFailure("forbidden", "403"));
    await world.source.start();
    await turn();
    expect(world.source.view().services.map(({ metadata }) => metadata.namespace)).toEqual(["apps"]);
    expect(world.kind("Service")?.explanation).toBe(
      "RBAC does not permit to read it: grant list and watch on services in a Role of namespace shop",
    );
    world.fail.clear();
    await world.pass(21_000);
    expect(world.source.view().services.map(({ metadata }) => metadata.namespace)).toEqual(["apps", "shop"]);
    expect(world.kind("IngressClass")).toBeUndefined();
  });
});
