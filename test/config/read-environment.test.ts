import { afterEach, expect, test, vi } from "vitest";
import { readColourWish } from "../../src/config/read-environment.ts";

afterEach(() => void vi.unstubAllEnvs());

test.each([
  [{ TERM: "xterm" }, true],
  [{ TERM: "dumb" }, false],
  [{ TERM: "dumb", FORCE_COLOR: "1" }, true],
  [{ TERM: "xterm", NO_COLOR: "1" }, false],
])("on a terminal with %j colours are welcome: %j", (variables, welcome) => {
  for (const [name, value] of Object.entries({ NO_COLOR: "", FORCE_COLOR: "", ...variables })) vi.stubEnv(name, value);
  expect(readColourWish(true)).toBe(welcome);
});
