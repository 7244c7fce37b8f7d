import { describe, expect, it, onTestFinished } from "vitest";
import { KINDS } from "../../src/api/kinds.ts";
import { createValidator } from "../../src/api/validate/create-validator.ts";
import { makeSelfSigned } from "../../src/cli/self-signed.ts";
import { ApiFailure } from "../../src/kube/api-failure.ts";
import { createJudge } from "../../src/kube/judge-object.ts";
import { createObjectSet } from "../../src/kube/object-set.ts";
import { createSecretReader } from "../../src/kube/secret-reader.ts";
import { createFakeClock } from "../harness/fake-clock.ts";
import { tlsSecret } from "../harness/manifests.ts";
import { createFakeCluster } from "./fake-cluster.ts";

const ROW = KINDS.find(({ kind }) => kind === "Secret") as (typeof KINDS)[number];
const validate = createValidator({ allowLoopback: false, unknownFields: "ignore" });
const pair = await makeSelfSigned(["localhost"]);

function createWorld() {
  const [cluster, clock] = [createFakeCluster(), createFakeClock()];
  const asked: { readonly name: string; readonly isWhole: boolean }[] = [];
  const told: string[] = [];
  const fail = new Map<string, ApiFailure>();
  const world = { tried: 0, changed: 0 };
  const set = createObjectSet(createJudge(ROW, validate), () => void (world.changed += 1));
  const reader = createSecretReader({
    row: ROW,
    clock,
    random: () => 0.5,
    set,
    tried: () => void (world.tried += 1),
    told: (secret, state, explanation) => void told.push(`${secret} ${state} ${explanation ?? ""}`),
    client: {
      get: async (path, _signal, accept = "") => {
        await Promise.resolve();
        const name = path.split("/").at(-1) ?? "";
        const isWhole = !accept.includes("PartialObjectMetadata");
        asked.push({ name, isWhole });
        const failure = fail.get(name);
        if (failure !== undefined) throw failure;
        const found = cluster.list("secrets", "default").find(({ metadata }) => metadata.name === name);
        if (found === undefined) throw new ApiFailure("absent", "not found");
        return isWhole ? found : { kind: "PartialObjectMetadata", metadata: found.metadata };
      },
    },
  });
  onTestFinished(reader.stop);
  const pass = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 50) {
      clock.advance(50);
      await new Promise((resolve) => void setImmediate(resolve));
    }
  };
  const name = (names: readonly string[], again: readonly string[] = []): boolean =>
    reader.name(new Set(names.map((each) => `default/${each}`)), new Set(again.map((each) => `default/${each}`)));
  const put = (each: string): void => void cluster.put(tlsSecret(each, pair));
  const names = (): readonly string[] => asked.splice(0).map((each) => `${each.name}${each.isWhole ? "" : "?"}`);
  const kept = (): readonly string[] => [...set.kept()].map(({ ref }) => ref.name);
  return { cluster, clock, told, fail, world, reader, pass, name, put, names, kept };
}

describe("Secrets", () => {
  it("are read when they are named, whole once, and looked at again within a minute", async () => {
    const { put, name, pass, names, kept, world } = createWorld();
    for (const each of ["a", "b", "other"]) put(each);
    expect(name(["a", "b"])).toBe(false);
    await pass(200);
    expect([names(), kept(), world.tried]).toEqual([["a", "b"], ["a", "b"], 1]);
    expect(name(["a", "b"])).toBe(true);
    await pass(60_000);
    expect([names(), world.changed]).toEqual([["a?", "b?"], 2]);
    put("a");
    await pass(60_000);
    expect(names().toSorted()).toEqual(["a", "a?", "b?"]);
  });

  it("are looked at at once when their route changes, and forgotten when no route names them", async () => {
    const { put, name, pass, names, kept } = createWorld();
    put("a");
    put("b");
    name(["a", "b"]);
    await pass(200);
    names();
    name(["a", "b"], ["b"]);
    await pass(200);
    expect(names()).toEqual(["b?"]);
    name(["b"]);
    expect(kept()).toEqual(["b"]);
    await pass(120_000);
    expect(new Set(names())).toEqual(new Set(["b?"]));
  });

  it("are tried also where they are not there, asked for soon again, and gone when they are deleted", async () => {
    const { cluster, put, name, pass, names, kept, world } = createWorld();
    name(["late"]);
    await pass(200);
    expect([names(), world.tried, world.changed]).toEqual([["late"], 1, 0]);
    put("late");
    await pass(10_000);
    expect(kept()).toEqual(["late"]);
    cluster.remove("Secret", "default", "late");
    await pass(60_000);
    expect(kept()).toEqual([]);
  });

  it("stay in their last version while they cannot be read, and it is said once", async () => {
    const { put, name, pass, kept, told, fail, reader, world } = createWorld();
    put("a");
    name(["a", "b"]);
    fail.set("b", new ApiFailure("forbidden", "403"));
    await pass(200);
    expect(world.tried).toBe(1);
    fail.set("a", new ApiFailure("refused", "the API server answered 500"));
    await pass(180_000);
    expect(kept()).toEqual(["a"]);
    expect(told).toEqual([
      "default/b forbidden RBAC does not permit to read it: grant get on secrets in a Role of namespace default",
      "default/a failing the API server answered 500",
    ]);
    expect(
      reader
        .faults()
        .map(({ state }) => state)
        .toSorted(),
    ).toEqual(["failing", "forbidden"]);
    fail.clear();
    await pass(60_000);
    expect([told.length, reader.faults()]).toEqual([4, []]);
  });

  it("are read at 20 a second at most, the never read ones first", async () => {
    const { put, name, pass, names } = createWorld();
    const many = Array.from({ length: 100 }, (_, index) => `s-${index}`);
    for (const each of many) put(each);
    name(many);
    await pass(1_000);
    const first = names().length;
    expect([first >= 18, first <= 21]).toEqual([true, true]);
    put("new");
    name([...many, "new"], many.slice(0, 10));
    await pass(4_500);
    expect(names().filter((each) => !each.endsWith("?")).length).toBe(101 - first);
  });
});
