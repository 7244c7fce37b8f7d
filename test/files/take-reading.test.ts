import { expect, test } from "vitest";
import { systemClock } from "../../src/base/system-clock.ts";
import { judgeByName } from "./judge-by-name.ts";
import { createManifestDirectory, follow, serviceYaml } from "./manifest-directory.ts";

const FILES = 20;

/** In how many turns of the event loop the files are judged, if reading the clock takes `msPerLook`. */
async function countTurns(msPerLook: number): Promise<number> {
  const { root, write } = await createManifestDirectory();
  const names = Array.from({ length: FILES }, (_, index) => `s${index}`);
  await write(Object.fromEntries(names.map((name) => [`${name}.yaml`, serviceYaml(name)])));
  let nowMs = 0;
  let turn = 0;
  const turns = new Set<number>();
  let immediate = setImmediate(function next() {
    turn += 1;
    immediate = setImmediate(next);
  });
  const { source } = await follow(root, {
    clock: { ...systemClock, monotonicMs: () => (nowMs += msPerLook) },
    validate: (kind, object) => {
      turns.add(turn);
      return judgeByName(kind, object);
    },
  });
  clearImmediate(immediate);
  expect(source.view().services).toHaveLength(FILES);
  return turns.size;
}

test("many files that take long are read in many turns, so that open connections have theirs", async () => {
  expect(await countTurns(10)).toBeGreaterThanOrEqual(FILES - 1);
});

test("files that take no time are read at one go", async () => {
  expect(await countTurns(0)).toBe(1);
});
