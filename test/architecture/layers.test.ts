import { globSync } from "node:fs";
import { cruise, type IModule } from "dependency-cruiser";
import { beforeAll, describe, expect, test } from "vitest";
import { type Edge, judge, layerOf } from "./layers.ts";

const PACKAGE_NAME = /node_modules\/((?:@[^/]+\/)?[^/]+)/;

describe("the layers of docs/architecture.md", () => {
  const onDisk = globSync("src/**/*.ts").toSorted();
  let modules: readonly IModule[] = [];

  beforeAll(async () => {
    const result = await cruise(["src"], {
      parser: "swc",
      tsPreCompilationDeps: true,
      doNotFollow: { path: "node_modules" },
      enhancedResolveOptions: {
        extensions: [".ts", ".js", ".json"],
        exportsFields: ["exports"],
        conditionNames: ["import", "node"],
      },
    });
    if (typeof result.output === "string") throw new Error("the checker printed a report instead of its findings");
    modules = result.output.modules.filter((module) => module.source.startsWith("src/"));
  });

  test("the checker saw every file", () => {
    expect(modules.map((module) => module.source).toSorted()).toEqual(onDisk);
    expect(onDisk.length).toBeGreaterThan(15);
  });

  test("the checker saw the imports, also those of types alone", () => {
    const edges = modules.flatMap(edgesOf);
    expect(edges).toContainEqual({ from: "src/proxy/relay/relay.ts", to: "src/base/endings.ts", package: false });
    const files = onDisk.filter((file) => !file.startsWith("src/base/"));
    expect(edges.length).toBeGreaterThan(files.length);
  });

  test("every file belongs to a layer", () => {
    expect(onDisk.filter((file) => layerOf(file) === undefined)).toEqual([]);
  });

  test("nobody imports what its layer may not see", () => {
    expect(
      modules
        .flatMap(edgesOf)
        .map(judge)
        .filter((verdict) => verdict !== null),
    ).toEqual([]);
  });

  test("nothing unresolvable hides an import", () => {
    const unresolved = modules.flatMap((module) =>
      module.dependencies
        .filter((dependency) => dependency.couldNotResolve)
        .map((each) => `${module.source}: ${each.module}`),
    );
    expect(unresolved).toEqual([]);
  });

  test("no import is circular", () => {
    const circular = modules.flatMap((module) =>
      module.dependencies
        .filter((dependency) => dependency.circular)
        .map((each) => `${module.source} -> ${each.resolved}`),
    );
    expect(circular).toEqual([]);
  });
});

describe("the judge", () => {
  test.each([
    ["translate cannot see the proxy", "src/translate/a.ts", "src/proxy/relay/relay.ts", false],
    ["the proxy cannot see translate", "src/proxy/http/a.ts", "src/translate/a.ts", false],
    ["the relay cannot see the handshake", "src/proxy/relay/a.ts", "src/proxy/handshake/a.ts", false],
    ["base imports nothing", "src/base/a.ts", "src/table/a.ts", false],
    ["base has no packages", "src/base/a.ts", "ws", true],
    ["only kube may have the Kubernetes client", "src/translate/a.ts", "@kubernetes/client-node", true],
    ["a file outside every layer is refused", "src/misc/a.ts", "src/base/a.ts", false],
  ])("%s", (_title, from, to, isPackage) => {
    const edge: Edge = { from, to, package: isPackage };
    expect(judge(edge)).toContain(from);
  });
});

function edgesOf(module: IModule): Edge[] {
  return module.dependencies
    .filter((dependency) => !dependency.dependencyTypes.includes("core"))
    .map((dependency) => {
      const name = PACKAGE_NAME.exec(dependency.resolved)?.[1];
      if (name === undefined) return { from: module.source, to: dependency.resolved, package: false };
      return {
        from: module.source,
        to: dependency.module
          .split("/")
          .slice(0, name.startsWith("@") ? 2 : 1)
          .join("/"),
        package: true,
      };
    });
}
