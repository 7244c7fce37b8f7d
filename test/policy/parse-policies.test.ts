import { describe, expect, it } from "vitest";
import { parsePolicies } from "../../src/policy/parse-policies.ts";
import type { AnyPolicy, Policy } from "../../src/policy/policy.ts";

const even: Policy<number, { readonly half: number }> = {
  name: "even",
  parse: (written) =>
    written % 2 === 0
      ? { ok: true, config: { half: written / 2 } }
      : { ok: false, field: "[0]", value: String(written), expected: "an even number" },
  gate: () => () => ({ allowed: true }),
};
const policies: readonly AnyPolicy[] = [even];

describe("parsePolicies", () => {
  it("gives the config of each policy that is written, and of no other", () => {
    expect(parsePolicies(policies, { even: 4, unknown: 1 })).toEqual({
      configs: new Map([["even", { half: 2 }]]),
      problems: [],
    });
    expect(parsePolicies(policies, {}).configs.size).toBe(0);
  });

  it("says where a value is unreadable, and gives no config for it", () => {
    expect(parsePolicies(policies, { even: 3 })).toEqual({
      configs: new Map(),
      problems: [{ field: "even[0]", value: "3", expected: "an even number" }],
    });
  });

  it("takes names of the prototype for what they are", () => {
    const policy: AnyPolicy = { ...even, name: "constructor" };
    expect(parsePolicies([policy], {}).problems).toEqual([]);
  });
});
