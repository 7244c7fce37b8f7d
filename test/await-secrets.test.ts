import { describe, expect, it } from "vitest";
import { createSecretsGate } from "../src/await-secrets.ts";
import { createFakeClock } from "./harness/fake-clock.ts";

const SECRETS = { named: new Set(["apps/tls"] as const), again: new Set<`${string}/${string}`>() };

function setUp() {
  const clock = createFakeClock();
  const world = { isTried: false, again: 0 };
  const gate = createSecretsGate({ nameSecrets: () => world.isTried }, clock, () => void (world.again += 1));
  return { clock, world, gate, isAwaited: () => gate.isAwaited(SECRETS) };
}

describe("a translation that names Secrets", () => {
  it("waits for each to be tried, before the first tables however long that takes", () => {
    const { clock, world, isAwaited } = setUp();
    expect(isAwaited()).toBe(true);
    clock.advance(600_000);
    expect([isAwaited(), world.again]).toEqual([true, 0]);
    world.isTried = true;
    expect(isAwaited()).toBe(false);
  });

  it("waits for 2 s at most when there are tables, and is then made once more", () => {
    const { clock, world, gate, isAwaited } = setUp();
    gate.opened();
    expect(isAwaited()).toBe(true);
    clock.advance(1_000);
    // A change of something else gives nobody more time.
    expect(isAwaited()).toBe(true);
    clock.advance(999);
    expect(world.again).toBe(0);
    clock.advance(1);
    expect([world.again, isAwaited()]).toEqual([1, false]);
    world.isTried = true;
    expect(isAwaited()).toBe(false);
    world.isTried = false;
    expect(isAwaited()).toBe(true);
    gate.stop();
    clock.advance(10_000);
    expect(world.again).toBe(1);
  });
});
