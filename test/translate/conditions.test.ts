import { describe, expect, it } from "vitest";
import type { Effect, Problem, Reason } from "../../src/base/problem.ts";
import { conditionsOf } from "../../src/translate/conditions.ts";

function problem(reason: Reason, effect: Effect, message = "It is wrong."): Problem {
  return {
    object: { kind: "Ingress", namespace: "a", name: "b" },
    field: "spec.x",
    value: "",
    reason,
    message,
    effect,
  };
}

describe("conditionsOf", () => {
  it("says that all is well of an object without problems, for its generation", () => {
    expect(conditionsOf([], 7)).toEqual([
      { type: "Accepted", status: "True", observedGeneration: 7, reason: "Accepted", message: "" },
      { type: "ResolvedRefs", status: "True", observedGeneration: 7, reason: "ResolvedRefs", message: "" },
      { type: "Programmed", status: "True", observedGeneration: 7, reason: "Programmed", message: "" },
    ]);
  });

  it.each<[Reason, Effect, string]>([
    ["UnsupportedValue", "refused", "Accepted False"],
    ["RouteConflict", "lost", "Accepted False"],
    ["InvalidAnnotation", "ignored", "Accepted True"],
    ["BackendNotFound", "refused", "ResolvedRefs False"],
    ["InvalidCertificateRef", "ignored", "ResolvedRefs True"],
    ["Stale", "ignored", "Programmed False"],
    ["DrainWindowClamped", "ignored", "Programmed True"],
  ])("with %s (%s) has %s, and says why", (reason, effect, expected) => {
    const conditions = conditionsOf([problem(reason, effect)], null);
    const told = conditions.filter((condition) => condition.reason === reason);
    expect(told.map(({ type, status, message }) => [`${type} ${status}`, message])).toEqual([
      [expected, "spec.x: It is wrong."],
    ]);
    expect(conditions.filter(({ status }) => status === "False")).toHaveLength(expected.endsWith("False") ? 1 : 0);
  });

  it("names what is refused before what is ignored, and tells all within 4096 characters", () => {
    const problems = [
      problem("InvalidAnnotation", "ignored"),
      problem("UnsupportedValue", "refused", "x".repeat(5000)),
    ];
    const [accepted] = conditionsOf(problems, null);
    expect(accepted?.reason).toBe("UnsupportedValue");
    expect(accepted?.message).toHaveLength(4096);
    expect(accepted?.message.endsWith("…")).toBe(true);
  });
});
