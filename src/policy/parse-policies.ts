import type { AnyPolicy, PolicyConfigs } from "./policy.ts";

/** A value that a policy cannot be made of. A rule with such a value is refused: it is never served without the policy. */
export type PolicyProblem = {
  /** Where it is within what was written: `allowedOrigins[1]`. */
  readonly field: string;
  readonly value: string;
  readonly expected: string;
};

/** The configs of the policies that a rule has, and the problems of those that cannot be read. */
export type ParsedPolicies = { readonly configs: PolicyConfigs; readonly problems: readonly PolicyProblem[] };

/** Parses what a rule's author wrote under the names of the policies; a policy that is not written is absent from the configs. */
export function parsePolicies(policies: readonly AnyPolicy[], written: object): ParsedPolicies {
  const values = new Map<string, unknown>(Object.entries(written));
  const configs = new Map<string, unknown>();
  const problems: PolicyProblem[] = [];
  for (const policy of policies) {
    const value = values.get(policy.name);
    if (value === undefined) continue;
    const parsed = policy.parse(value as never);
    if (parsed.ok) configs.set(policy.name, parsed.config);
    else problems.push({ field: policy.name + parsed.field, value: parsed.value, expected: parsed.expected });
  }
  return { configs, problems };
}
