import { expect, test } from "vitest";
import { CONNECTION_PARAMS } from "../../../src/admin/debug/connection-filter.ts";
import type { ConnectionRow } from "../../../src/admin/debug/connection-row.ts";
import { type FoundConnections, findConnections } from "../../../src/admin/debug/connections-page.ts";
import type { DebugSources } from "../../../src/admin/debug/debug-sources.ts";
import { readParams } from "../../../src/admin/debug/params.ts";
import type { Connection } from "../../../src/proxy/relay/connections.ts";
import type { RelayId, RelayLive } from "../../../src/proxy/relay/relay.ts";

const COUNT = 2_000;

function flow(bytes: number): RelayLive["from"]["client"] {
  return { bytes, frames: 2, messages: 1, queuedBytes: 0, queuedPeak: 0, undeliveredBytes: 0 };
}

function connection(index: number): Connection {
  return {
    head: {
      id: `r-${index}`,
      traceId: null,
      clientAddress: index % 2 === 0 ? `10.0.0.${index % 250}` : `2001:db8::${index}`,
      peerAddress: "10.0.0.1",
      secure: false,
      method: "GET",
      host: "a.example",
      path: "/ws",
      route: { kind: "WebSocketRoute", namespace: "apps", name: index % 10 === 0 ? "chat" : "game", rule: "all" },
      service: "apps/chat:80",
      endpoint: "10.1.0.1:80",
      startedAtMs: index * 1_000,
      handshakeMs: 0,
    },
    subprotocol: null,
    drain: { code: 1012, reason: "", windowMs: 0, onRouteDeleted: "Keep" },
    closeMs: 5_000,
    release: () => {},
  };
}

type Asked = Omit<FoundConnections, "rows"> & {
  readonly rows: readonly ConnectionRow[];
  readonly turns: number;
  readonly largest: number;
};

async function ask(query: string): Promise<Asked> {
  const all = new Map(Array.from({ length: COUNT }, (_, index) => [index as RelayId, connection(index)]));
  let turns = 0;
  let largest = 0;
  const sources = {
    connections: {
      entries: () => all.entries(),
      get: (id: RelayId) => all.get(id),
      counts: () => ({ open: all.size }),
    },
    relay: {
      inspect: (ids: readonly RelayId[]) => {
        largest = Math.max(largest, ids.length);
        return Promise.resolve(
          ids.map(
            (id): RelayLive => ({
              id,
              state: id % 5 === 0 ? "closing" : "open",
              from: { client: flow(id), backend: flow(0) },
              ageMs: (COUNT - id) * 1_000,
              quietMs: id,
              pingRttMs: { client: null, backend: 3 },
            }),
          ),
        );
      },
    },
    turn: () => {
      turns += 1;
      return Promise.resolve();
    },
  } as unknown as DebugSources;
  const params = readParams(new URLSearchParams(query), CONNECTION_PARAMS);
  if (!params.ok) throw new Error(params.error);
  const { rows, ...counts } = await findConnections(sources, params.values);
  return { ...counts, rows: [...rows], turns, largest };
}

test("looks at some connections at a time, and lets the event loop turn in between", async () => {
  const { open, matched, rows, turns, largest } = await ask("");
  expect([open, matched, rows.length]).toEqual([COUNT, COUNT, 100]);
  expect(turns).toBeGreaterThanOrEqual(COUNT / 250);
  expect(largest).toBeLessThanOrEqual(250);
});

test.each([
  ["", [0, 1, 2]],
  ["sort=quiet", [1_999, 1_998, 1_997]],
  ["sort=bytes", [1_999, 1_998, 1_997]],
  ["sort=messages", [0, 1, 2]],
  ["sort=bytes&order=asc", [0, 1, 2]],
  ["sort=age&order=asc", [1_999, 1_998, 1_997]],
  ["sort=bytes&route=chat", [1_990, 1_980, 1_970]],
  ["sort=bytes&route=chat&limit=1", [1_990]],
  ["request-id=r-7", [7]],
  ["client=2001:db8::/64", [1, 3, 5]],
  ["client=10.0.0.8", [8, 258, 508]],
  ["state=closing&namespace=apps", [0, 5, 10]],
  ["min-age=33m", [0, 1, 2]],
  ["sort=age&min-quiet=1s990ms", [1_990, 1_991, 1_992]],
])("%j begins with %j", async (query, ids) => {
  const { rows } = await ask(query);
  expect(rows.slice(0, 3).map(({ id }) => id)).toEqual(ids);
});

test.each([
  ["namespace=other", 0],
  ["service=apps/chat:80&endpoint=10.1.0.1:80&host=a.example&rule=all", COUNT],
  ["endpoint=10.1.0.2:80", 0],
  ["route=chat", COUNT / 10],
  ["kind=WebSocketRoute&service=apps/chat&endpoint=10.1.0.1", COUNT],
  ["kind=Ingress", 0],
  ["service=apps/cha", 0],
  ["service=apps/chat:8", 0],
  ["endpoint=10.1.0", 0],
  ["min-age=1h", 0],
])("%j matches %i", async (query, count) => {
  expect((await ask(`${query}&limit=1`)).matched).toBe(count);
});

test.each([
  ["sort=name", 'parameter sort, "name": expected one of age, quiet, bytes, messages, queued'],
  ["limit=0", 'parameter limit, "0": expected a whole number from 1 to 10000'],
  ["limit=1e3", 'parameter limit, "1e3"'],
  ["client=me", "expected a network such as 10.0.0.0/8"],
  ["min-age=5", "expected a duration such as 10s"],
  ["sart=age", 'unknown parameter "sart": expected one of kind, namespace, route'],
])("%j is answered with what was expected", async (query, error) => {
  await expect(ask(query)).rejects.toThrow(error);
});
