import { describe, expect, test } from "vitest";
import { ProxyError } from "../../src/base/failures.ts";
import type { MemoryLevel } from "../../src/base/memory.ts";
import { createTokenBucket } from "../../src/overload/token-bucket.ts";
import { createWaitingRoom } from "../../src/overload/waiting-room.ts";
import { createWelcome, type WelcomeParts } from "../../src/overload/welcome.ts";
import { createFakeClock } from "../harness/fake-clock.ts";

/** What a call failed with; null when it did not. */
function failureOf(act: () => unknown): string | null {
  try {
    act();
    return null;
  } catch (error) {
    if (error instanceof ProxyError) return error.failure;
    throw error;
  }
}

describe("a welcome", () => {
  const welcome = (changes: Partial<WelcomeParts> = {}): { handshake: string | null; request: string | null } => {
    const parts: WelcomeParts = {
      clock: createFakeClock(),
      isDraining: () => false,
      isFull: () => false,
      memory: () => "normal",
      handshakesPerSecond: 0,
      ...changes,
    };
    const made = createWelcome(parts);
    return { handshake: failureOf(made.handshake), request: failureOf(made.request) };
  };

  test.each<[string, Partial<WelcomeParts>, string | null, string | null]>([
    ["with room", {}, null, null],
    ["that drains", { isDraining: () => true }, "Draining", "Draining"],
    ["that is full", { isFull: () => true }, "TooManyConnections", null],
    ["short of memory", { memory: (): MemoryLevel => "refusing" }, "OutOfMemory", null],
    ["nearly out of memory", { memory: (): MemoryLevel => "shedding" }, "OutOfMemory", "OutOfMemory"],
  ])("of a replica %s", (_what, changes, handshake, request) => {
    expect(welcome(changes)).toEqual({ handshake, request });
  });

  test("lets two seconds' worth of handshakes in at once, and then its rate", () => {
    const clock = createFakeClock();
    const made = createWelcome({
      clock,
      isDraining: () => false,
      isFull: () => false,
      memory: () => "normal",
      handshakesPerSecond: 10,
    });
    const let10 = (): number =>
      Array.from({ length: 100 }, () => failureOf(made.handshake)).filter((failure) => failure === null).length;
    expect(let10()).toBe(20);
    expect(failureOf(made.handshake)).toBe("TooManyHandshakes");
    expect(failureOf(made.request)).toBeNull();
    clock.advance(500);
    expect(let10()).toBe(5);
    clock.advance(60_000);
    expect(let10()).toBe(20);
  });

  test("does not spend the rate on who is refused for another reason", () => {
    let full = true;
    const made = createWelcome({
      clock: createFakeClock(),
      isDraining: () => false,
      isFull: () => full,
      memory: () => "normal",
      handshakesPerSecond: 1,
    });
    for (let count = 0; count < 10; count += 1) expect(failureOf(made.handshake)).toBe("TooManyConnections");
    full = false;
    expect(failureOf(made.handshake)).toBeNull();
  });
});

test("A bucket without a rate is no limit.", () => {
  const bucket = createTokenBucket(createFakeClock(), 0, 0);
  expect(Array.from({ length: 1_000 }, bucket.take).every((taken) => taken)).toBe(true);
});

describe("the waiting room", () => {
  const routeNamed = (name: string, namespace = "shop") => ({ kind: "WebSocketRoute", namespace, name, rule: "r" });

  test("leaves half of its places to other routes, and refuses when all are taken", () => {
    const room = createWaitingRoom(4, 2);
    const enter = (name: string): string | null => failureOf(() => room.enter(routeNamed(name)));
    expect([enter("a"), enter("a"), enter("a")]).toEqual([null, null, "TooManyPending"]);
    expect([enter("b"), enter("c"), enter("d")]).toEqual([null, null, "TooManyPending"]);
    expect(room.waiting()).toBe(4);
  });

  test("tells routes apart by namespace too, and takes the rules of one for one", () => {
    const room = createWaitingRoom(9, 1);
    room.enter(routeNamed("a"));
    expect(failureOf(() => room.enter(routeNamed("a", "other")))).toBeNull();
    expect(failureOf(() => room.enter({ ...routeNamed("a"), rule: "another" }))).toBe("TooManyPending");
  });

  test("has a place again for each one that was given back, once", () => {
    const room = createWaitingRoom(1, 1);
    const place = room.enter(routeNamed("a"));
    place[Symbol.dispose]();
    place[Symbol.dispose]();
    expect(room.waiting()).toBe(0);
    room.enter(routeNamed("a"));
    expect(failureOf(() => room.enter(routeNamed("a")))).toBe("TooManyPending");
  });
});
