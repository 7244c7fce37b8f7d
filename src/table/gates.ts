import { messageOf } from "../base/message-of.ts";
import type { Gate } from "../policy/policy.ts";
import type { Rule } from "./routing-table.ts";

/** The part of a policy that turns a rule's config into a gate. */
export type GateMaker = { readonly name: string; readonly gate: (config: never) => Gate };

/**
 * The gates of a rule, in the order of `policies`. A config that no policy knows, or that its policy cannot build,
 * becomes a gate that refuses everything: a rule is never served without a part of its protection.
 */
export function buildGates(rule: Rule, policies: readonly GateMaker[]): readonly Gate[] {
  if (rule.action.type === "Refuse") return [];
  const configs = rule.action.policies;
  const gates = policies.flatMap((policy) =>
    configs.has(policy.name) ? [build(policy, configs.get(policy.name))] : [],
  );
  const unknown = [...configs.keys()].filter((name) => !policies.some((policy) => policy.name === name));
  return [...unknown.map((name) => refuseAll(`policy ${name} is not known here`)), ...gates];
}

function build(policy: GateMaker, config: unknown): Gate {
  try {
    return policy.gate(config as never);
  } catch (error) {
    const reason = messageOf(error);
    return refuseAll(`policy ${policy.name} cannot be enforced: ${reason}`);
  }
}

function refuseAll(detail: string): Gate {
  return () => ({ allowed: false, failure: "RouteRefused", detail });
}
