import { beforeEach, describe, expect, it } from "vitest";
import type { EndpointSlice } from "../../src/api/core.ts";
import type { View } from "../../src/api/view.ts";
import type { Log, LogFields } from "../../src/base/ports.ts";
import {
  type Controller,
  type ControllerParts,
  createController,
  type Outcome,
} from "../../src/controller/create-controller.ts";
import type { Tables } from "../../src/table/tables.ts";
import { translate } from "../../src/translate/translate.ts";
import { createFakeClock } from "../harness/fake-clock.ts";
import { CLUSTER_OPTIONS, readInput } from "../translate/golden/read-input.ts";

const { view: FIRST } = readInput(`# One route.
{ apiVersion: v1, kind: Service, metadata: { name: chat, namespace: apps }, spec: { ports: [{ port: 8080 }] } }
---
apiVersion: fairlead.dev/v1alpha1
kind: WebSocketRoute
metadata: { name: chat, namespace: apps }
spec: { hostnames: [chat.example.com], rules: [{ name: all, backendRefs: [{ name: chat, port: 8080 }] }] }
`);

type Line = { readonly level: string; readonly fields: LogFields; readonly message: string };

function setUp(changes: Partial<ControllerParts> = {}) {
  const clock = createFakeClock();
  const lines: Line[] = [];
  const published: Partial<Tables>[] = [];
  const outcomes: Outcome[] = [];
  const write = (level: string) => (fields: LogFields, message: string) => void lines.push({ level, fields, message });
  const log: Log = { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
  const controller = createController({
    options: CLUSTER_OPTIONS,
    clock,
    log,
    publish: (tables) => void published.push(tables),
    report: (outcome) => void outcomes.push(outcome),
    ...changes,
  });
  return { clock, lines, published, outcomes, controller };
}

function sliceOf(address: string): EndpointSlice {
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name: "chat-1", namespace: "apps", labels: { "kubernetes.io/service-name": "chat" } },
    addressType: "IPv4",
    ports: [{ port: 9001 }],
    endpoints: [{ addresses: [address] }],
  };
}

function withSlice(view: View, address: string): View {
  return { ...view, endpointSlices: [sliceOf(address)] };
}

function withoutService(view: View): View {
  return { ...view, services: [] };
}

describe("the first view", () => {
  it("is translated and published at once, and only then is the controller ready", () => {
    const { controller, published, outcomes } = setUp();
    expect(controller.isReady()).toBe(false);
    expect(published).toEqual([]);
    controller.update(FIRST);
    expect(controller.isReady()).toBe(true);
    expect(published.map((tables) => Object.keys(tables).toSorted())).toEqual([
      ["certificates", "endpoints", "routing"],
    ]);
    expect(outcomes.map(({ statuses }) => statuses.length)).toEqual([1]);
  });

  it("leaves the controller unready if it cannot be translated, and the next one is tried at once", () => {
    let isBroken = true;
    const { controller, published, lines } = setUp({
      translate: (view, options) => {
        if (isBroken) throw new Error("broken");
        return translate(view, options);
      },
    });
    controller.update(FIRST);
    expect(controller.isReady()).toBe(false);
    expect(published).toEqual([]);
    expect(lines.map(({ level, fields }) => [level, fields["serving"]])).toEqual([["error", "nothing"]]);
    isBroken = false;
    controller.update(FIRST);
    expect(controller.isReady()).toBe(true);
  });
});

describe("later views", () => {
  let set: ReturnType<typeof setUp>;
  let controller: Controller;

  beforeEach(() => {
    set = setUp();
    controller = set.controller;
    controller.update(FIRST);
    set.published.length = 0;
    set.outcomes.length = 0;
  });

  it("wait for 50 ms of quiet, and the last of a burst is what counts", () => {
    controller.update(withSlice(FIRST, "10.0.0.1"));
    set.clock.advance(49);
    controller.update(withSlice(FIRST, "10.0.0.2"));
    set.clock.advance(49);
    expect(set.published).toEqual([]);
    set.clock.advance(1);
    expect(set.published).toHaveLength(1);
    expect([...(set.published[0]?.endpoints?.values() ?? [])].flat().map(({ address }) => address)).toEqual([
      "10.0.0.2",
    ]);
  });

  it("never wait longer than 500 ms, however many come", () => {
    for (let ms = 0; ms < 500; ms += 40) {
      controller.update(withSlice(FIRST, `10.0.0.${ms / 40 + 1}`));
      set.clock.advance(40);
    }
    expect(set.published).toHaveLength(1);
  });

  it("publish nothing and report nothing if no object changed", () => {
    controller.update({ ...FIRST, services: [...FIRST.services] });
    set.clock.advance(1000);
    expect(set.published).toEqual([]);
    expect(set.outcomes).toEqual([]);
  });

  it("publish only the tables that changed", () => {
    controller.update({ ...withSlice(FIRST, "10.0.0.1"), services: FIRST.services.map((each) => ({ ...each })) });
    set.clock.advance(50);
    expect(set.published.map((tables) => Object.keys(tables))).toEqual([["endpoints"]]);
    expect(set.outcomes).toHaveLength(1);
  });

  it("are forgotten when the controller is stopped", () => {
    controller.update(withoutService(FIRST));
    controller.stop();
    set.clock.advance(1000);
    expect(set.published).toEqual([]);
    expect(set.clock.pending()).toBe(0);
  });
});

describe("a change of endpoints alone", () => {
  it("does not translate routes, and brings its own problems and takes them back", () => {
    let translations = 0;
    const { controller, clock, published, outcomes } = setUp({
      translate: (view, options) => {
        translations += 1;
        return translate(view, options);
      },
    });
    const reasons = () => outcomes.at(-1)?.problems.map(({ object, reason }) => `${object.kind} ${reason}`);
    controller.update(FIRST);
    controller.update(withSlice(FIRST, "127.0.0.1"));
    clock.advance(50);
    expect(reasons()).toEqual(["EndpointSlice UnsupportedAddress"]);
    controller.update(withSlice(FIRST, "10.0.0.1"));
    clock.advance(50);
    expect(reasons()).toEqual([]);
    expect(translations).toBe(1);
    expect(published.slice(1).map((tables) => Object.keys(tables))).toEqual([["endpoints"]]);
    controller.update(withSlice(withoutService(FIRST), "10.0.0.1"));
    clock.advance(50);
    expect(translations).toBe(2);
    expect(reasons()).toEqual(["WebSocketRoute BackendNotFound"]);
  });
});

describe("a translation that throws", () => {
  it("leaves the last good tables, says so, and does not stop the next", () => {
    let isBroken = false;
    const { controller, clock, published, lines } = setUp({
      translate: (view, options) => {
        if (isBroken) throw new Error("broken");
        return translate(view, options);
      },
    });
    controller.update(FIRST);
    isBroken = true;
    controller.update(withoutService(FIRST));
    clock.advance(50);
    expect(published).toHaveLength(1);
    expect(controller.isReady()).toBe(true);
    expect(lines.map(({ level, fields }) => [level, fields["serving"]])).toEqual([["error", "the last good tables"]]);
    isBroken = false;
    controller.update(withoutService(FIRST));
    clock.advance(50);
    expect(published.slice(1).map((tables) => Object.keys(tables).toSorted())).toEqual([["endpoints", "routing"]]);
  });
});

describe("the log", () => {
  it("tells each problem when it appears and when it is gone, and never in between", () => {
    const { controller, clock, lines } = setUp();
    const told = () => lines.splice(0).map(({ level, fields }) => `${level} ${String(fields["reason"])}`);
    controller.update(withoutService(FIRST));
    expect(told()).toEqual(["warn BackendNotFound"]);
    controller.update(withSlice(withoutService(FIRST), "10.0.0.1"));
    clock.advance(50);
    expect(told()).toEqual([]);
    controller.update(FIRST);
    clock.advance(50);
    expect(told()).toEqual(["info BackendNotFound"]);
    controller.update({ ...FIRST, referenceGrants: [] });
    clock.advance(50);
    expect(told()).toEqual([]);
  });

  it("is bounded when a thousand problems come at once", () => {
    const { controller, lines } = setUp();
    const [route] = FIRST.webSocketRoutes;
    const routes = Array.from({ length: 1000 }, (_, index) => ({
      ...route!,
      metadata: { name: `route-${index}`, namespace: "apps" },
    }));
    controller.update({ ...FIRST, webSocketRoutes: routes });
    expect(lines).toHaveLength(201);
    expect(lines.at(-1)?.fields).toEqual({ unlogged: 799 });
  });
});
