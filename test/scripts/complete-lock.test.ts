import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { complete, findMissing, type LockedPackages } from "../../scripts/complete-lock.ts";

const PACKAGES: LockedPackages = {
  "": { version: "1.0.0" },
  "node_modules/tool": {
    version: "2.0.0",
    dev: true,
    license: "MIT",
    optionalDependencies: {
      "@tool/cli-linux-x64-gnu": "2.0.0",
      "@tool/cli-darwin-arm64": "2.0.0",
      "@tool/cli-linux-x64-musl": "2.0.0",
    },
  },
  "node_modules/@tool/cli-linux-x64-gnu": { version: "2.0.0", optional: true },
  "node_modules/tool/node_modules/inner": { optionalDependencies: { "@tool/cli-linux-x64-gnu": "2.0.0" } },
};

test("The lock of this project holds every optional package: without one, npm ci refuses it.", () => {
  const { packages } = JSON.parse(readFileSync("package-lock.json", "utf8")) as { packages: LockedPackages };
  expect(Object.keys(packages).length).toBeGreaterThan(100);
  expect(findMissing(packages)).toEqual([]);
});

test("A missing package is found, also for a package inside another, and added by what its name says.", () => {
  expect(findMissing(PACKAGES).map(({ name }) => name)).toEqual(["@tool/cli-darwin-arm64", "@tool/cli-linux-x64-musl"]);
  const completed = complete(PACKAGES);
  expect(findMissing(completed)).toEqual([]);
  expect(completed["node_modules/@tool/cli-darwin-arm64"]).toEqual({
    version: "2.0.0",
    cpu: ["arm64"],
    dev: true,
    license: "MIT",
    optional: true,
    os: ["darwin"],
  });
  expect(completed["node_modules/@tool/cli-linux-x64-musl"]).toMatchObject({ libc: ["musl"] });
});

test("A name that says nothing of a platform is refused, not guessed.", () => {
  const packages = { "node_modules/tool": { optionalDependencies: { "tool-extras": "1.0.0" } } };
  expect(() => complete(packages)).toThrow("tool-extras 1.0.0");
});
