import { expect, it } from "vitest";
import type { Log } from "../src/base/ports.ts";
import { createChangeTeller } from "../src/tell-changed.ts";
import { createFakeClock } from "./harness/fake-clock.ts";

it("changes of a cluster that come one by one share a line, each name once; of endpoints nothing is said", () => {
  const clock = createFakeClock();
  const lines: string[] = [];
  const ignore = (): void => {};
  const log: Log = { debug: ignore, info: (_, message) => void lines.push(message), warn: ignore, error: ignore };
  const teller = createChangeTeller(clock, log);
  const change = (kind: string, name: string): void => teller.changed([{ kind, namespace: "apps", name }]);
  change("EndpointSlice", "a-1");
  clock.advance(2_000);
  expect(lines).toEqual([]);
  for (const name of ["a", "b", "a", "c", "d", "e", "f", "g"]) change("Ingress", name);
  clock.advance(100);
  expect(lines).toEqual([
    "changed: Ingress apps/a, Ingress apps/b, Ingress apps/c, Ingress apps/d, Ingress apps/e and 2 more",
  ]);
  for (let passed = 0; passed < 1_000; passed += 50) {
    change("Service", "a");
    clock.advance(50);
  }
  expect(lines.slice(1)).toEqual(["changed: Service apps/a"]);
  change("Service", "b");
  teller.stop();
  clock.advance(2_000);
  expect(lines).toHaveLength(2);
});
