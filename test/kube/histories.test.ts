import { expect, it } from "vitest";
import { createValidator } from "../../src/api/validate/create-validator.ts";
import type { View } from "../../src/api/view.ts";
import type { ApiFailureType } from "../../src/base/cluster-figures.ts";
import { ApiFailure } from "../../src/kube/api-failure.ts";
import { type ClusterSource, createClusterSource } from "../../src/kube/cluster-source.ts";
import { createFakeClock, type FakeClock } from "../harness/fake-clock.ts";
import { ingress, service } from "../harness/manifests.ts";
import { createFakeClient, type Faults, NO_FAULTS } from "./fake-client.ts";
import { createFakeCluster, type FakeCluster } from "./fake-cluster.ts";

const HISTORIES = 100;
const STEPS = 24;
const PLURALS = ["services", "ingresses", "ingressclasses", "endpointslices"];

const validate = createValidator({ allowLoopback: false, unknownFields: "ignore" });

/** The same numbers for the same seed (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const FAILURES: readonly ApiFailureType[] = [
  "unreachable",
  "throttled",
  "refused",
  "expired",
  "malformed",
  "unauthorized",
];

function isEvent(line: string): boolean {
  return !line.includes("BOOKMARK");
}

function kindOf(line: string): string {
  return /"kind":"(\w+)","metadata"/.exec(line)?.[1] ?? "";
}

/** A server that fails one time in three, and spoils every second batch of events. */
function randomFaults(random: () => number): Faults {
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  const told: string[] = [];
  return {
    onRequest: () => (random() < 0.33 ? new ApiFailure(pick(FAILURES), "on purpose", pick([null, 1_000])) : null),
    onLines: (lines) => {
      const spoiled =
        random() < 0.5
          ? lines
          : pick<() => readonly string[]>([
              () => lines.flatMap((line) => [line, line]),
              () => [...lines, ...told.filter((line) => kindOf(line) === kindOf(lines[0] ?? "")).slice(-3)],
              () => [...lines.slice(0, 1), lines[1]?.slice(0, 20) ?? '{"type":'],
              () => [...lines.filter(isEvent).toReversed(), ...lines.filter((line) => !isEvent(line))],
              () => lines.slice(0, Math.floor(lines.length / 2)),
            ])();
      told.push(...lines.filter(isEvent));
      // A server that leaves lines out has broken off: what it did not say it would have said next.
      const isWhole = spoiled.length >= lines.length;
      return { lines: spoiled, next: isWhole ? pick(["go on", "end", "break", "stall"]) : "break" };
    },
  };
}

function follow(cluster: FakeCluster, clock: FakeClock, random: () => number, faults: () => Faults): ClusterSource {
  const ignore = (): void => {};
  return createClusterSource({
    client: createFakeClient(cluster, PLURALS, clock, faults),
    validate,
    namespaces: [],
    log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    clock,
    random,
    onChange: ignore,
  });
}

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

async function pass(clock: FakeClock, ms: number, stepMs: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += stepMs) {
    clock.advance(stepMs);
    await turn();
  }
}

function change(cluster: FakeCluster, random: () => number): void {
  const name = `o-${Math.floor(random() * 4)}`;
  const kind = random() < 0.5 ? "Service" : "Ingress";
  const isThere = cluster
    .list(kind === "Service" ? "services" : "ingresses", "default")
    .some(({ metadata }) => metadata.name === name);
  if (isThere && random() < 0.4) cluster.remove(kind, "default", name);
  else if (kind === "Service") cluster.put(service(name, null, { port: 1 + Math.floor(random() * 60_000) }));
  else cluster.put(ingress(name, `h${Math.floor(random() * 1_000)}.example.com`, name));
  if (random() < 0.1) cluster.compact();
}

/** What a view says, in an order of its own. */
function read(view: View): unknown {
  const sorted = (list: readonly { readonly metadata: { readonly name: string } }[]): unknown =>
    list.toSorted((one, other) => (one.metadata.name < other.metadata.name ? -1 : 1));
  return JSON.parse(
    JSON.stringify([sorted(view.services), sorted(view.ingresses), sorted(view.ingressClasses), view.stale]),
  );
}

async function freshView(cluster: FakeCluster): Promise<unknown> {
  const fresh = follow(
    cluster,
    createFakeClock(),
    () => 0.5,
    () => NO_FAULTS,
  );
  await fresh.start();
  const view = read(fresh.view());
  await fresh.close();
  return view;
}

async function live(seed: number): Promise<{ readonly followed: unknown; readonly fresh: unknown }> {
  const random = createRandom(seed);
  const [cluster, clock] = [createFakeCluster(), createFakeClock()];
  let faults = randomFaults(random);
  const source = follow(cluster, clock, random, () => faults);
  const started = source.start();
  started.catch(() => {});
  for (let step = 0; step < STEPS; step += 1) {
    for (let changes = Math.floor(random() * 3); changes >= 0; changes -= 1) change(cluster, random);
    await pass(clock, Math.floor(random() * 3) * 1_000, 1_000);
    await turn();
  }
  faults = NO_FAULTS;
  await pass(clock, 180_000, 10_000);
  await started;
  const followed = read(source.view());
  await source.close();
  return { followed, fresh: await freshView(cluster) };
}

it.each(Array.from({ length: 10 }, (_, tenth) => tenth))(
  `random histories of changes and faults end in the view of a fresh list: %i hundred of ${10 * HISTORIES}`,
  async (tenth) => {
    for (let seed = tenth * HISTORIES; seed < (tenth + 1) * HISTORIES; seed += 1) {
      const { followed, fresh } = await live(seed);
      expect({ seed, view: followed }).toEqual({ seed, view: fresh });
    }
  },
  120_000,
);
