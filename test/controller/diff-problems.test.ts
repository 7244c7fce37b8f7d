import { expect, it } from "vitest";
import type { Problem } from "../../src/base/problem.ts";
import { diffProblems } from "../../src/controller/diff-problems.ts";

function problem(name: string, message = "It is wrong."): Problem {
  const object = { kind: "Ingress", namespace: "apps", name };
  return { object, field: "spec", value: "", reason: "UnsupportedValue", message, effect: "refused" };
}

it("names what appeared and what is gone, and not what stays", () => {
  const change = diffProblems([problem("a"), problem("b")], [problem("b"), problem("c"), problem("b", "And more.")]);
  expect(change).toEqual({ appeared: [problem("c"), problem("b", "And more.")], gone: [problem("a")] });
  expect(diffProblems([problem("a")], [problem("a")])).toEqual({ appeared: [], gone: [] });
});
