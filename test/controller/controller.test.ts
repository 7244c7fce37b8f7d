import { describe, expect, it } from "vitest";
import type { EndpointSlice } from "../../src/api/core.ts";
import type { View } from "../../src/api/view.ts";
import type { LogFields } from "../../src/base/ports.ts";
import type { Problem } from "../../src/base/problem.ts";
import type { TranslationRun } from "../../src/base/translation-run.ts";
import { createController } from "../../src/controller/controller.ts";
import type { Tables } from "../../src/table/tables.ts";
import { createTranslator } from "../../src/translate/translator.ts";
import { createFakeClock, type FakeClock } from "../harness/fake-clock.ts";
import { CLUSTER_OPTIONS, readInput } from "../translate/golden/read-input.ts";

const { view: FIRST } = readInput(`# One route.
{ apiVersion: v1, kind: Service, metadata: { name: chat, namespace: apps }, spec: { ports: [{ port: 8080 }] } }
---
apiVersion: fairlead.dev/v1alpha1
kind: WebSocketRoute
metadata: { name: chat, namespace: apps }
spec: { hostnames: [chat.example.com], rules: [{ name: all, backendRefs: [{ name: chat, port: 8080 }] }] }
`);

/** A controller whose view the test sets, and everything that it did. */
function setUp(choices: { readonly clock?: FakeClock; readonly tookMs?: number; readonly settled?: boolean } = {}) {
  const clock = choices.clock ?? createFakeClock();
  const translator = createTranslator(CLUSTER_OPTIONS);
  const errors: { readonly fields: LogFields; readonly message: string }[] = [];
  const published: Partial<Tables>[] = [];
  const reports: { readonly problems: readonly string[]; readonly before: readonly string[] }[] = [];
  const runs: TranslationRun[] = [];
  const world = { view: FIRST, isBroken: false, isAwaited: false, translations: 0 };
  const ignore = () => undefined;
  const controller = createController({
    clock,
    log: {
      debug: ignore,
      info: ignore,
      warn: ignore,
      error: (fields, message) => void errors.push({ fields, message }),
    },
    view: () => world.view,
    settled: choices.settled ?? false,
    translator: {
      translateRoutes: (view) => {
        if (world.isBroken) throw new Error("broken");
        world.translations += 1;
        clock.jump(choices.tookMs ?? 0);
        return translator.translateRoutes(view);
      },
      translateEndpoints: (view, routes) => {
        if (world.isBroken) throw new Error("broken");
        clock.jump(choices.tookMs ?? 0);
        return translator.translateEndpoints(view, routes);
      },
    },
    isAwaited: () => world.isAwaited,
    prepare: function* (tables) {
      yield;
      return () => void published.push(tables);
    },
    translated: (run) => void runs.push(run),
    report: ({ problems }, before) =>
      void reports.push({ problems: problems.map(shortOf), before: before.map(shortOf) }),
  });
  const names = () => published.splice(0).map((tables) => Object.keys(tables).toSorted().join(" "));
  return { clock, errors, published, reports, runs, world, controller, names };
}

function shortOf({ object, reason }: Problem): string {
  return `${object.kind} ${reason}`;
}

function withSlice(view: View, address: string): View {
  const slice: EndpointSlice = {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name: "chat-1", namespace: "apps", labels: { "kubernetes.io/service-name": "chat" } },
    addressType: "IPv4",
    ports: [{ port: 9001 }],
    endpoints: [{ addresses: [address] }],
  };
  return { ...view, endpointSlices: [slice] };
}

function addressesOf(tables: Partial<Tables> | undefined): readonly string[] {
  return [...(tables?.endpoints?.values() ?? [])].flat().map(({ address }) => address);
}

const WITHOUT_SERVICE: View = { ...FIRST, services: [] };

describe("a translation that names what is still being read", () => {
  it("is not used: the tables stay until a change follows", () => {
    const { clock, world, controller, names } = setUp();
    world.isAwaited = true;
    controller.start();
    expect([names(), controller.problems()]).toEqual([[], []]);
    world.isAwaited = false;
    controller.changed(false);
    clock.advance(50);
    expect(names()).toEqual(["certificates endpoints routing"]);
    world.isAwaited = true;
    world.view = { ...FIRST, webSocketRoutes: [] };
    controller.changed(false);
    clock.advance(1_000);
    expect(names()).toEqual([]);
    // Endpoints of the tables in use go on changing meanwhile.
    world.view = withSlice(world.view, "10.0.0.1");
    controller.changed(true);
    clock.advance(20);
    expect(names()).toEqual(["endpoints"]);
  });
});

describe("the start", () => {
  it("publishes every table at once, and nothing before", () => {
    const { controller, names, reports, clock } = setUp();
    expect(names()).toEqual([]);
    controller.start();
    expect(names()).toEqual(["certificates endpoints routing"]);
    expect(reports).toEqual([{ problems: [], before: [] }]);
    const translated = { objects: 1, groups: 1 };
    expect(controller.figures()).toEqual({ routes: 1, problemsByReason: new Map(), failures: 0, translated });
    expect(clock.pending()).toBe(0);
  });

  it("throws if there is nothing to fall back to", () => {
    const { controller, world, names } = setUp();
    world.isBroken = true;
    expect(() => controller.start()).toThrow("broken");
    expect(names()).toEqual([]);
  });
});

describe("a change", () => {
  it("waits for 50 ms of quiet, and of a burst the last view counts", () => {
    const { controller, world, clock, names } = setUp();
    controller.start();
    names();
    controller.changed(false);
    clock.advance(49);
    world.view = WITHOUT_SERVICE;
    controller.changed(false);
    clock.advance(49);
    expect(names()).toEqual([]);
    clock.advance(1);
    expect(names()).toEqual(["endpoints routing"]);
    expect(world.translations).toBe(2);
  });

  it("never waits longer than 500 ms, however many follow", () => {
    const { controller, world, clock } = setUp();
    controller.start();
    for (let ms = 0; ms < 500; ms += 40) {
      controller.changed(false);
      clock.advance(40);
    }
    expect(world.translations).toBe(2);
  });

  it("publishes nothing if the tables are equal to those in use, and still reports", () => {
    const { controller, clock, names, reports } = setUp();
    controller.start();
    names();
    controller.changed(false);
    clock.advance(50);
    expect(names()).toEqual([]);
    expect(reports).toHaveLength(2);
  });

  it("is forgotten when the controller stops", () => {
    const { controller, world, clock, names } = setUp();
    controller.start();
    names();
    world.view = WITHOUT_SERVICE;
    controller.changed(false);
    controller.changed(true);
    controller.stop();
    clock.advance(1000);
    expect(names()).toEqual([]);
    expect(clock.pending()).toBe(0);
  });
});

it.each([false, true])("waits for nothing where changes have settled already (endpoints only: %s)", (endpointsOnly) => {
  const { controller, world, clock, names } = setUp({ settled: true });
  controller.start();
  names();
  world.view = withSlice(FIRST, "10.0.0.1");
  controller.changed(endpointsOnly);
  controller.changed(endpointsOnly);
  clock.advance(0);
  expect(names()).toEqual(["endpoints"]);
  expect(clock.pending()).toBe(0);
});

describe("a change of endpoints alone", () => {
  it("is published within 20 ms and translates no route", () => {
    const { controller, world, clock, published } = setUp();
    controller.start();
    published.length = 0;
    for (let ms = 0; ms < 20; ms += 4) {
      world.view = withSlice(FIRST, `10.0.0.${ms}`);
      controller.changed(true);
      clock.advance(4);
    }
    expect(published.map((tables) => Object.keys(tables))).toEqual([["endpoints"]]);
    expect(addressesOf(published[0])).toEqual(["10.0.0.16"]);
    expect(world.translations).toBe(1);
  });

  it("brings its own problems and takes them back, and leaves the others", () => {
    const { controller, world, clock, reports } = setUp();
    const step = (view: View, endpointsOnly: boolean) => {
      world.view = view;
      controller.changed(endpointsOnly);
      clock.advance(50);
      return reports.at(-1);
    };
    const broken: View = {
      ...FIRST,
      webSocketRoutes: FIRST.webSocketRoutes.map((route) => ({
        ...route,
        spec: { ...route.spec, hostnames: ["a.b", "_"] },
      })),
    };
    controller.start();
    const route = "WebSocketRoute UnsupportedValue";
    const slice = "EndpointSlice UnsupportedAddress";
    expect(step(broken, false)).toEqual({ problems: [route], before: [] });
    expect(step(withSlice(broken, "127.0.0.1"), true)).toEqual({ problems: [slice, route], before: [route] });
    expect(controller.figures().problemsByReason).toEqual(
      new Map([
        ["UnsupportedAddress", 1],
        ["UnsupportedValue", 1],
      ]),
    );
    expect(step(withSlice(broken, "::1"), true)).toEqual({ problems: [slice, route], before: [slice, route] });
    expect(step(withSlice(broken, "10.0.0.1"), true)).toEqual({ problems: [route], before: [slice, route] });
    expect(step(withSlice(FIRST, "10.0.0.1"), false)).toEqual({ problems: [], before: [route] });
    expect(controller.figures().problemsByReason).toEqual(new Map());
  });
});

describe("a translation that throws", () => {
  it.each([false, true])(
    "leaves the last good tables, counts, and does not stop the next (endpoints only: %s)",
    (endpointsOnly) => {
      const { controller, world, clock, names, errors, runs } = setUp();
      controller.start();
      names();
      runs.length = 0;
      world.isBroken = true;
      world.view = withSlice(FIRST, "10.0.0.1");
      controller.changed(endpointsOnly);
      clock.advance(50);
      expect(names()).toEqual([]);
      expect(
        errors.map(({ fields, message }) => [fields["failures"], message.endsWith("the last good tables stay in use")]),
      ).toEqual([[1, true]]);
      expect(controller.figures()).toMatchObject({ routes: 1, problemsByReason: new Map(), failures: 1 });
      world.isBroken = false;
      controller.changed(endpointsOnly);
      clock.advance(50);
      expect(names()).toEqual(["endpoints"]);
      const scope = endpointsOnly ? "endpoints" : "routes";
      expect(runs).toEqual([
        { scope, result: "failed", durationMs: 0 },
        { scope, result: "changed", durationMs: 0 },
      ]);
    },
  );
});

it("tells how long each translation took, and whether it changed anything", () => {
  const { controller, world, clock, runs } = setUp({ tookMs: 4 });
  controller.start();
  controller.changed(false);
  clock.advance(50);
  clock.advance(50);
  world.view = withSlice(FIRST, "10.0.0.1");
  controller.changed(true);
  clock.advance(20);
  expect(runs).toEqual([
    { scope: "routes", result: "changed", durationMs: 8 },
    { scope: "routes", result: "unchanged", durationMs: 8 },
    { scope: "endpoints", result: "changed", durationMs: 4 },
  ]);
});

describe("a change that takes longer than a slice", () => {
  /** Each look at this clock takes a millisecond, so that five steps fill a slice; the next is a millisecond later. */
  function slowly(): FakeClock {
    const clock = createFakeClock();
    let looks = 0;
    return {
      ...clock,
      monotonicMs: () => clock.monotonicMs() + looks++,
      after: (ms, callback) => clock.after(Math.max(1, ms), callback),
    };
  }

  const MANY: View = {
    ...FIRST,
    webSocketRoutes: Array.from({ length: 200 }, (_, index) => ({
      ...FIRST.webSocketRoutes[0]!,
      metadata: { namespace: "apps", name: `chat-${index}` },
      spec: { ...FIRST.webSocketRoutes[0]!.spec, hostnames: [`chat-${index}.example.com`] },
    })),
  };

  it("is translated bit by bit, and swapped all at once", () => {
    const { controller, world, clock, published } = setUp({ clock: slowly() });
    controller.start();
    published.length = 0;
    world.view = MANY;
    controller.changed(false);
    clock.advance(50);
    expect(published).toEqual([]);
    let turns = 0;
    for (; published.length === 0 && turns < 1_000; turns += 1) clock.advance(1);
    expect(turns).toBeGreaterThan(20);
    expect(published).toHaveLength(1);
    expect(published[0]?.routing?.groups).toHaveLength(200);
  });

  it("does not keep endpoints waiting, nor takes them back", () => {
    const { controller, world, clock, published } = setUp({ clock: slowly() });
    controller.start();
    published.length = 0;
    world.view = MANY;
    controller.changed(false);
    clock.advance(50);
    world.view = withSlice(MANY, "10.0.0.9");
    controller.changed(true);
    clock.advance(5);
    for (let turns = 0; published.length === 0 && turns < 1_000; turns += 1) clock.advance(1);
    expect(Object.keys(published[0] ?? {})).toEqual(["endpoints"]);
    for (let turns = 0; published.length === 1 && turns < 1_000; turns += 1) clock.advance(1);
    expect(Object.keys(published[1] ?? {})).toEqual(["routing"]);
    expect(addressesOf(published[0])).toEqual(["10.0.0.9"]);
  });

  it("is followed by the one that came meanwhile", () => {
    const { controller, world, clock, published } = setUp({ clock: slowly() });
    controller.start();
    published.length = 0;
    world.view = MANY;
    controller.changed(false);
    clock.advance(50);
    world.view = FIRST;
    controller.changed(false);
    clock.advance(50);
    for (let turns = 0; published.length < 2 && turns < 2_000; turns += 1) clock.advance(1);
    expect(published.map((tables) => tables.routing?.groups.length)).toEqual([200, 1]);
    expect(clock.pending()).toBe(0);
  });

  it("is dropped when the controller stops", () => {
    const { controller, world, clock, published } = setUp({ clock: slowly() });
    controller.start();
    published.length = 0;
    world.view = MANY;
    controller.changed(false);
    clock.advance(50);
    controller.stop();
    for (let turns = 0; turns < 1_000; turns += 1) clock.advance(1);
    expect(published).toEqual([]);
    expect(clock.pending()).toBe(0);
  });
});
