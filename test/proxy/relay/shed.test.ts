import { expect, test } from "vitest";
import type { RelayLive } from "../../../src/proxy/relay/relay.ts";
import { createShedder } from "../../../src/proxy/relay/shed.ts";
import { createFakeClock, type FakeClock } from "../../harness/fake-clock.ts";
import { createFakeConnections, type FakeConnections, openedBy, relayId, seededRandom } from "./fake-connections.ts";

type World = FakeConnections & {
  readonly clock: FakeClock;
  readonly shed: (excessBytes?: number) => Promise<void>;
  readonly looked: () => number;
  readonly cut: number[];
};

/** Connections 1 to `count`; number n has been quiet for n ms, and `queued` bytes wait for it. */
function worldOf(count: number, queued: (id: number) => number = () => 0): World {
  const clock = createFakeClock();
  const fakes = createFakeConnections(clock, { quietMs: (id) => id, holds: () => true });
  for (let id = 1; id <= count; id += 1) fakes.connections.opened(relayId(id), openedBy(String(id)));
  const cut: number[] = [];
  let looked = 0;
  const relay = {
    ...fakes.relay,
    cut: (id: number) => cut.push(id),
    inspect: async (ids: readonly number[] | "all"): Promise<readonly RelayLive[]> => {
      const wanted = new Set<number>(ids === "all" ? [] : ids);
      looked = wanted.size;
      const lives = await fakes.relay.inspect("all");
      return lives.filter(({ id }) => wanted.has(id)).map((live) => withQueue(live, queued(live.id)));
    },
  };
  const shedder = createShedder({ ...fakes, relay, clock, random: seededRandom(1) });
  return {
    ...fakes,
    clock,
    cut,
    looked: () => looked,
    shed: async (excessBytes = 0) => {
      shedder.shed(excessBytes);
      // The relay answers in a promise.
      for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
    },
  };
}

function withQueue(live: RelayLive, queuedBytes: number): RelayLive {
  return { ...live, from: { ...live.from, backend: { ...live.from.backend, queuedBytes } } };
}

test("One in fifty is told to try again later: those that have been quiet for longest, spread over half a second.", async () => {
  const { clock, asked, cut, shed } = worldOf(250);
  await shed();
  clock.advance(500);
  expect(asked.map(({ id }) => id)).toEqual([250, 249, 248, 247, 246]);
  expect(asked[0]?.order).toMatchObject({ cause: "shed", words: { client: { code: 1013 }, backend: { code: 1001 } } });
  asked.forEach(({ atMs }, index) => {
    expect(atMs).toBeGreaterThanOrEqual(100 * index);
    expect(atMs).toBeLessThanOrEqual(100 * (index + 1));
  });
  expect(cut).toEqual([]);
});

test("Those for which the most waits are cut, until enough is let go, and are not told besides.", async () => {
  const { clock, asked, cut, shed } = worldOf(40, (id) => (id > 36 ? id * 1_000 : 0));
  await shed(100_000);
  expect(cut).toEqual([40, 39, 38]);
  clock.advance(500);
  expect(asked.map(({ id }) => id)).toEqual([37]);
});

test("Who has nothing waiting is never cut, however much is to be let go.", async () => {
  const { cut, shed } = worldOf(10, (id) => (id === 3 ? 1 : 0));
  await shed(1_000_000);
  expect(cut).toEqual([3]);
});

test("One at least is told, and none twice.", async () => {
  const { clock, asked, shed } = worldOf(3);
  for (let round = 0; round < 5; round += 1) {
    await shed();
    clock.advance(500);
  }
  expect(asked.map(({ id }) => id)).toEqual([3, 2, 1]);
});

test("While goodbyes are being said, it cuts but begins no others.", async () => {
  const { clock, asked, cut, shed } = worldOf(100, (id) => (id === 1 ? 9 : 0));
  await shed();
  await shed(9);
  clock.advance(500);
  expect([asked.length, cut]).toEqual([2, [1]]);
});

test("Of very many it looks at about a thousand.", async () => {
  const { shed, looked } = worldOf(9_000);
  await shed();
  expect(looked()).toBeGreaterThan(500);
  expect(looked()).toBeLessThan(2_000);
});

test("Without a connection there is nothing to do.", async () => {
  const { clock, asked, shed } = worldOf(0);
  await shed(9);
  clock.advance(500);
  expect(asked).toEqual([]);
});
