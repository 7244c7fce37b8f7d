import { expect, test } from "vitest";
import type { RelayLive } from "../../../src/proxy/relay/relay.ts";
import { createShedder } from "../../../src/proxy/relay/shed.ts";
import { createFakeClock, type FakeClock } from "../../harness/fake-clock.ts";
import { createFakeConnections, type FakeConnections, openedBy, relayId, seededRandom } from "./fake-connections.ts";

type World = FakeConnections & {
  readonly clock: FakeClock;
  readonly shed: () => Promise<void>;
  readonly looked: () => number;
};

/** Connections 1 to `count`; number n has been quiet for n ms, and `queued` bytes wait for it. */
function worldOf(count: number, queued: (id: number) => number = () => 0): World {
  const clock = createFakeClock();
  const fakes = createFakeConnections(clock, { quietMs: (id) => id, holds: () => true });
  for (let id = 1; id <= count; id += 1) fakes.connections.opened(relayId(id), openedBy(String(id)));
  let looked = 0;
  const relay = {
    ...fakes.relay,
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
    looked: () => looked,
    shed: async () => {
      shedder.shed(500);
      // The relay answers in a promise.
      await Promise.resolve();
      await Promise.resolve();
      await Promise.resolve();
    },
  };
}

function withQueue(live: RelayLive, queuedBytes: number): RelayLive {
  return { ...live, from: { ...live.from, backend: { ...live.from.backend, queuedBytes } } };
}

test("One in twenty is told to try again later: those for which the most waits first, then the quietest, spread over the window.", async () => {
  const { clock, asked, shed } = worldOf(100, (id) => (id <= 2 ? id * 1_000 : 0));
  await shed();
  clock.advance(500);
  expect(asked.map(({ id }) => id)).toEqual([2, 1, 100, 99, 98]);
  expect(asked[0]?.order).toMatchObject({ cause: "shed", words: { client: { code: 1013 }, backend: { code: 1001 } } });
  asked.forEach(({ atMs }, index) => {
    expect(atMs).toBeGreaterThanOrEqual(100 * index);
    expect(atMs).toBeLessThanOrEqual(100 * (index + 1));
  });
});

test("One at least is told, and none twice.", async () => {
  const { clock, asked, shed } = worldOf(3);
  for (let round = 0; round < 5; round += 1) {
    await shed();
    clock.advance(500);
  }
  expect(asked.map(({ id }) => id)).toEqual([3, 2, 1]);
});

test("While it is about it, it begins nothing else.", async () => {
  const { clock, asked, shed } = worldOf(100);
  await shed();
  await shed();
  clock.advance(500);
  expect(asked).toHaveLength(5);
});

test("Of very many it looks at about a thousand.", async () => {
  const { shed, looked } = worldOf(9_000);
  await shed();
  expect(looked()).toBeGreaterThan(500);
  expect(looked()).toBeLessThan(2_000);
});

test("Without a connection there is nothing to do.", async () => {
  const { clock, asked, shed } = worldOf(0);
  await shed();
  clock.advance(500);
  expect(asked).toEqual([]);
});
