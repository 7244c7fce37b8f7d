import { describe, expect, test } from "vitest";
import { createBalancer } from "../../src/balance/balancer.ts";
import { finish } from "../../src/base/work.ts";
import type { PoolKey } from "../../src/table/endpoint-table.ts";
import type { Backend } from "../../src/table/routing-table.ts";
import { nameRules } from "../../src/table/rule-names.ts";
import {
  endpointTable,
  entryFor,
  forwardTo,
  poolBackend,
  readyEndpoint,
  routingTable,
} from "../harness/build-table.ts";

const RULE = { kind: "WebSocketRoute", namespace: "test", name: "route", rule: "/" };
const OTHER = { ...RULE, rule: "/other" };
const refusing = (weight: number): Backend => ({ type: "Refuse", weight, status: 500, detail: "no Service" });
const named = (backend: Backend): string => (backend.type === "Pool" ? backend.pool : `refuse ${backend.status}`);
const pick = (balancer: ReturnType<typeof createBalancer>, backends: readonly Backend[], times: number, rule = RULE) =>
  Array.from({ length: times }, () => named(balancer.pickBackend(rule, backends)));
const pools = (weights: Readonly<Record<PoolKey, number>>): readonly Backend[] =>
  Object.entries(weights).map(([pool, weight]) => poolBackend(pool as PoolKey, { weight }));

describe("backends", () => {
  test("get their weights smoothly", () => {
    expect(
      pick(
        createBalancer(() => 0),
        pools({ "n/a:1": 2, "n/b:1": 1 }),
        6,
      ),
    ).toEqual(["n/a:1", "n/b:1", "n/a:1", "n/a:1", "n/b:1", "n/a:1"]);
  });

  test("that refuse keep their share and their status", () => {
    expect(
      pick(
        createBalancer(() => 0),
        [...pools({ "n/a:1": 1 }), refusing(1)],
        4,
      ),
    ).toEqual(["n/a:1", "refuse 500", "n/a:1", "refuse 500"]);
  });

  test.each<[string, readonly Backend[]]>([
    ["all have weight 0", pools({ "n/a:1": 0, "n/b:1": 0 })],
    ["there are none", []],
  ])("are answered for with 503 when %s", (_title, backends) => {
    expect(
      pick(
        createBalancer(() => 0),
        backends,
        1,
      ),
    ).toEqual(["refuse 503"]);
  });

  test("go on where they were when the table is swapped for an equal one", () => {
    const balancer = createBalancer(() => 0);
    const before = pick(balancer, pools({ "n/a:1": 3, "n/b:1": 1 }), 2);
    const after = pick(balancer, pools({ "n/a:1": 3, "n/b:1": 1 }), 2);
    expect([...before, ...after].filter((name) => name === "n/b:1")).toHaveLength(1);
  });

  test("of one rule do not move those of another", () => {
    const balancer = createBalancer(() => 0);
    const backends = pools({ "n/a:1": 1, "n/b:1": 1 });
    expect([pick(balancer, backends, 1), pick(balancer, backends, 1, OTHER)]).toEqual([["n/a:1"], ["n/a:1"]]);
  });

  test("that name one Service twice are two", () => {
    const twice = [poolBackend("n/a:1", { weight: 1 }), poolBackend("n/a:1", { weight: 2 })];
    const balancer = createBalancer(() => 0);
    const picked = Array.from({ length: 3 }, () => balancer.pickBackend(RULE, twice).weight);
    expect(picked.toSorted((a, b) => a - b)).toEqual([1, 2, 2]);
  });
});

describe("endpoints", () => {
  const some = [1, 2].map((port) => readyEndpoint(port));

  test("take turns over a pool, whichever rule asks", () => {
    const balancer = createBalancer(() => 0);
    const ports = Array.from({ length: 4 }, () => balancer.pickEndpoint("n/a:1", some, new Set())?.port);
    expect(ports).toEqual([1, 2, 1, 2]);
  });

  test("begin at random, so that replicas do not all begin with the same", () => {
    expect(createBalancer(() => 0.5).pickEndpoint("n/a:1", some, new Set())?.port).toBe(2);
  });

  test("are not asked twice for one request", () => {
    expect(createBalancer(() => 0).pickEndpoint("n/a:1", some, new Set(["127.0.0.1:1", "127.0.0.1:2"]))).toBeNull();
  });
});

describe("what no table names any more", () => {
  const backends = pools({ "n/a:1": 1, "n/b:1": 1 });
  const routing = routingTable({ "*": [entryFor(forwardTo(backends))] });
  const some = [1, 2].map((port) => readyEndpoint(port));

  test("is forgotten", () => {
    const balancer = createBalancer(() => 0);
    pick(balancer, backends, 1);
    balancer.pickEndpoint("n/a:1", some, new Set());
    balancer.retainRules(finish(nameRules(routingTable({}))));
    balancer.retainPools(new Map());
    expect(pick(balancer, backends, 1)).toEqual(["n/a:1"]);
    expect(balancer.pickEndpoint("n/a:1", some, new Set())?.port).toBe(1);
  });

  test("is all that is forgotten", () => {
    const balancer = createBalancer(() => 0);
    pick(balancer, backends, 1);
    balancer.pickEndpoint("n/a:1", some, new Set());
    balancer.retainRules(finish(nameRules(routing)));
    balancer.retainPools(endpointTable({ "n/a:1": [1, 2] }));
    expect(pick(balancer, backends, 1)).toEqual(["n/b:1"]);
    expect(balancer.pickEndpoint("n/a:1", some, new Set())?.port).toBe(2);
  });
});
