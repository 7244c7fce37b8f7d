import { expect, test } from "vitest";
import { closeOne } from "../../../src/proxy/relay/close-one.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { cleanEnd, createFakeConnections, openedBy, relayId } from "./fake-connections.ts";

test("A connection that is said goodbye to is told why, and its end is what comes of it.", async () => {
  const clock = createFakeClock();
  const { connections, relay, asked } = createFakeConnections(clock);
  connections.opened(relayId(1), openedBy("a"));
  connections.opened(relayId(2), openedBy("b"));
  const cut = (): void => expect.unreachable("nothing is cut");
  const closing = closeOne({ relay: { ...relay, cut }, connections, clock }, relayId(1), "close");
  expect(connections.isClosing(relayId(1))).toBe(true);
  connections.ended(cleanEnd(2));
  clock.advance(1);
  expect(await closing).toMatchObject({ id: 1, cause: "admin", by: "proxy" });
  expect(asked).toMatchObject([
    { id: 1, order: { cause: "admin", words: { client: { code: 1001, reason: "closed by an administrator" } } } },
  ]);
  expect(clock.pending()).toBe(0);
});

test("A reset is over in the same turn, and one that is unknown ends nothing.", async () => {
  const clock = createFakeClock();
  const { connections, relay } = createFakeConnections(clock);
  connections.opened(relayId(1), openedBy("a"));
  const parts = {
    connections,
    clock,
    relay: { ...relay, cut: () => connections.ended(cleanEnd(1, { cause: "admin", clean: false })) },
  };
  expect(await closeOne(parts, relayId(1), "reset")).toMatchObject({ cause: "admin", clean: false });
  expect(await closeOne(parts, relayId(1), "reset")).toBeNull();
  expect(connections.counts().strays).toBe(0);
});

test("Nobody waits for ever: null after its close timeout and a second, and the watch is given up.", async () => {
  const clock = createFakeClock();
  const { connections, relay } = createFakeConnections(clock, { holds: () => true });
  connections.opened(relayId(1), openedBy("a"));
  let over = false;
  const closing = closeOne({ relay: { ...relay, cut: () => {} }, connections, clock }, relayId(1), "close").finally(
    () => {
      over = true;
    },
  );
  clock.advance(2_999);
  await Promise.resolve();
  expect(over).toBe(false);
  clock.advance(1);
  expect(await closing).toBeNull();
  expect(connections.counts().open).toBe(1);
});
