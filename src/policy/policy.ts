import type { FailureName } from "../base/failures.ts";
import type { RequestFacts } from "../base/request-facts.ts";

/** A gate's answer. `release` gives back what an allowing gate took, and is called exactly once when the connection ends. */
export type Decision =
  | { readonly allowed: true; readonly release?: () => void }
  | { readonly allowed: false; readonly failure: FailureName; readonly detail: string };

/** Decides about one request; built once per table, so that nothing is prepared per handshake. Never throws. */
export type Gate = (facts: RequestFacts) => Decision;

/**
 * What parsing a policy's written form gives: its config, or what was wrong with which value. `field` is the place within
 * the written form, such as `[1]`, and empty for all of it.
 */
export type Parsed<Config> =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly field: string; readonly value: string; readonly expected: string };

/**
 * One policy of a rule. `parse` runs in translation and sees what the user wrote; `gate` runs when a table is compiled
 * and sees only the config, which is plain data and stored in the table.
 */
export type Policy<Written, Config> = {
  /** The key in a rule's PolicyConfigs and in RuleSecurity of the CRD. */
  readonly name: string;
  readonly parse: (written: Written) => Parsed<Config>;
  readonly gate: (config: Config) => Gate;
};

/** The configs of a rule's policies, by policy name; a policy that the rule does not have is absent. */
export type PolicyConfigs = ReadonlyMap<string, unknown>;

/** Any policy, where only its place in the order and its name matter. */
export type AnyPolicy = {
  readonly name: string;
  readonly parse: (written: never) => Parsed<unknown>;
  readonly gate: (config: never) => Gate;
};
