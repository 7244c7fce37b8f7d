import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { RelayedReport } from "../../../src/base/report.ts";
import { createConnections } from "../../../src/proxy/relay/connections.ts";
import { cleanEnd, openedBy, relayId } from "./fake-connections.ts";

test("A report joins what the handshake found with how the relay ended.", () => {
  const reports: RelayedReport[] = [];
  const connections = createConnections(10, (report) => reports.push(report));
  const opened = { ...openedBy("a-1"), subprotocol: "mqtt" };
  connections.opened(relayId(7), opened);
  const end = cleanEnd(7, { cause: "idle", by: "proxy", durationMs: 1234, detail: "quiet" });
  connections.ended(end);
  const { id, ...rest } = end;
  expect(reports).toEqual([{ ...opened.head, ...rest, outcome: "relayed", status: 101, subprotocol: "mqtt" }]);
  expect(id).toBe(7);
});

test("In any order of openings and ends there is one report and one release a connection, and nothing is left.", () => {
  const events = fc.array(fc.record({ id: fc.integer({ min: 1, max: 12 }), opens: fc.boolean() }), { maxLength: 60 });
  fc.assert(
    fc.property(events, (sequence) => {
      const reports: string[] = [];
      const released: string[] = [];
      const connections = createConnections(100, ({ id }) => reports.push(id));
      const open = new Set<number>();
      const expected: string[] = [];
      const names: string[] = [];
      let strays = 0;
      for (const [index, { id, opens }] of sequence.entries()) {
        const name = `${id}#${index}`;
        if (opens) connections.opened(relayId(id), openedBy(name, {}, { release: () => released.push(name) }));
        else connections.ended(cleanEnd(id));
        if (opens === open.has(id)) strays += 1;
        if (opens) names.push(name);
        if (!opens && open.has(id)) expected.push(`${id}`);
        if (opens) open.add(id);
        else open.delete(id);
      }
      expect(connections.counts()).toMatchObject({ open: open.size, strays });
      for (const id of open) connections.ended(cleanEnd(id));
      expect(connections.counts().open).toBe(0);
      expect(reports).toHaveLength(expected.length + open.size);
      expect(new Set(reports).size).toBe(reports.length);
      expect(released.toSorted()).toEqual(names.toSorted());
    }),
  );
});

test("A second end of the same id is counted as a stray and reported to nobody.", () => {
  let reports = 0;
  let released = 0;
  const connections = createConnections(10, () => (reports += 1));
  const watched: number[] = [];
  connections.watch({ opened: () => undefined, ended: ({ id }) => watched.push(id) });
  connections.opened(relayId(1), openedBy("a", {}, { release: () => (released += 1) }));
  for (let round = 0; round < 3; round += 1) connections.ended(cleanEnd(1));
  connections.ended(cleanEnd(2));
  expect([reports, released, watched, connections.counts().strays]).toEqual([1, 1, [1], 3]);
});

test("A gate whose release throws costs neither the report nor the place.", () => {
  let reports = 0;
  const connections = createConnections(10, () => (reports += 1));
  const release = (): void => {
    throw new Error("a gate's fault");
  };
  connections.opened(relayId(1), openedBy("a", {}, { release }));
  expect(() => connections.ended(cleanEnd(1))).toThrow("a gate's fault");
  expect([reports, connections.counts().open]).toEqual([1, 0]);
});

test("The counts tell open, closing, total and unclean apart.", () => {
  const connections = createConnections(10, () => undefined);
  for (const id of [1, 2, 3]) connections.opened(relayId(id), openedBy(`${id}`));
  for (const id of [1, 2, 2, 99]) connections.closing(relayId(id));
  expect(connections.counts()).toEqual({ open: 3, closing: 2, total: 3, unclean: 0, strays: 0 });
  connections.ended(cleanEnd(1, { clean: false }));
  expect(connections.counts()).toEqual({ open: 2, closing: 1, total: 3, unclean: 1, strays: 0 });
});

test("It is full from its limit on, and has room again after an end.", () => {
  const connections = createConnections(2, () => undefined);
  connections.opened(relayId(1), openedBy("a"));
  expect(connections.isFull()).toBe(false);
  connections.opened(relayId(2), openedBy("b"));
  expect(connections.isFull()).toBe(true);
  connections.ended(cleanEnd(1));
  expect(connections.isFull()).toBe(false);
});

test("A connection keeps its settings and lets the rest of its handshake go.", () => {
  const connections = createConnections(2, () => undefined);
  const opened = { ...openedBy("a"), handshake: { headers: new Map() } };
  connections.opened(relayId(1), opened);
  const kept = connections.get(relayId(1));
  expect(kept).toMatchObject({ drain: opened.route.forward.drain, closeMs: 2000 });
  expect(Object.keys(kept ?? {})).not.toContain("handshake");
});

test("A watcher hears nothing after it has gone.", () => {
  const connections = createConnections(10, () => undefined);
  const heard: string[] = [];
  const unwatch = connections.watch({ opened: (id) => heard.push(`+${id}`), ended: ({ id }) => heard.push(`-${id}`) });
  connections.opened(relayId(1), openedBy("a"));
  connections.ended(cleanEnd(1));
  unwatch();
  connections.opened(relayId(2), openedBy("b"));
  expect(heard).toEqual(["+1", "-1"]);
});
