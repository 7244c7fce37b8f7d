import type { Problem } from "../base/problem.ts";
import { POLICIES } from "../policy/index.ts";
import { parsePolicies } from "../policy/parse-policies.ts";
import type { PolicyConfigs } from "../policy/policy.ts";
import type { Forward, Refuse, Rule } from "../table/routing-table.ts";
import { translateBackendTls } from "./backend-tls.ts";
import { translateFilters } from "./filters.ts";
import { type Finding, reportTo, show } from "./findings.ts";
import { type ReadMatch, translateMatches } from "./matches.ts";
import { refOf } from "./order.ts";
import type { RuleScope, Surroundings } from "./rule-scope.ts";
import { translateBackends } from "./services.ts";
import { translateDrain, translateKeepalive, translateTimeouts } from "./settings.ts";
import type { Source, SourceRule } from "./source.ts";

const REFUSED_STATUS = 503;

/** A rule as the data plane is told it, and the matches that lead to it. */
export type TranslatedRule = { readonly rule: Rule; readonly matches: readonly ReadMatch[] };

/** Translates one rule; everything that is wrong with it is added to `problems`. */
export function translateRule(
  source: Source,
  rule: SourceRule,
  surroundings: Surroundings,
  problems: Problem[],
): TranslatedRule {
  const details: string[] = rule.refusal === null ? [] : [rule.refusal];
  const reportOnObject = reportTo(problems, refOf(source.object));
  const report = (finding: Finding): void => reportOnObject({ ...finding, field: rule.locate(finding.field) });
  const refuse = (finding: Finding): void => {
    details.push(show(`${rule.locate(finding.field)}: ${finding.message}`, 500));
    report(finding);
  };
  const scope: RuleScope = { ...surroundings, source, rule, report, refuse };
  const matches = translateMatches(scope);
  const forward = translateForward(scope);
  const detail = details[0];
  const action = detail === undefined ? forward : refusal(detail);
  return { rule: { name: { ...refOf(source.object), rule: rule.name }, action }, matches };
}

/** The same rule, answering 503 and nothing else. */
export function refuseRule(rule: Rule, detail: string): Rule {
  return { name: rule.name, action: refusal(detail) };
}

function refusal(detail: string): Refuse {
  return { type: "Refuse", status: REFUSED_STATUS, detail };
}

function translateForward(scope: RuleScope): Forward {
  const makeTls = translateBackendTls(scope);
  const backends = translateBackends(scope, makeTls);
  reportUnusedTls(scope, backends);
  const timeouts = translateTimeouts(scope);
  return {
    type: "Forward",
    backends,
    ...translateFilters(scope),
    timeouts,
    keepalive: translateKeepalive(scope),
    drain: translateDrain(scope, timeouts.closeMs),
    escapedSlashes: scope.rule.escapedSlashes,
    redirectToHttps: scope.rule.redirectToHttps,
    policies: translatePolicies(scope),
  };
}

/** Who writes backendTLS expects encryption, and the Service decides about it. */
function reportUnusedTls(scope: RuleScope, backends: Forward["backends"]): void {
  if (scope.rule.spec.backendTLS === undefined) return;
  const pools = backends.filter((backend) => backend.type === "Pool");
  if (pools.length === 0 || pools.some((backend) => backend.tls !== null)) return;
  scope.report({
    field: "backendTLS",
    value: "",
    reason: "UnsupportedValue",
    message: "No backend of this rule speaks TLS: its Service port needs the appProtocol kubernetes.io/wss or https.",
    effect: "ignored",
  });
}

function translatePolicies(scope: RuleScope): PolicyConfigs {
  const { configs, problems } = parsePolicies(POLICIES, scope.rule.spec.security ?? {});
  for (const { field, value, expected } of problems) {
    const message = `Expected ${expected}.`;
    scope.refuse({ field: `security.${field}`, value, reason: "UnsupportedValue", message });
  }
  return configs;
}
