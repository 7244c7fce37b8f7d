import type { IngressClass } from "../../core.ts";
import { describeProblem, type FieldProblem } from "../field-problem.ts";
import { dnsSubdomain } from "../names.ts";
import { fields } from "../shape.ts";
import type { KindRules } from "./kind-rules.ts";

const path = ["spec", "controller"];

/** networking.k8s.io/v1 IngressClass. */
export const ingressClassRules: KindRules<IngressClass> = {
  checkName: dnsSubdomain,
  shape: { spec: fields({ controller: "string" }, "parameters") },
  judge: (ingressClass) => judgeController(ingressClass.spec?.controller ?? ""),
};

function judgeController(controller: string): readonly FieldProblem[] {
  if (controller === "") return [describeProblem(path, "Required value", "")];
  if (controller.length > 250) return [describeProblem(path, "Too long", "may not be more than 250 bytes")];
  const slash = controller.indexOf("/");
  const isPath = slash > 0 && dnsSubdomain(controller.slice(0, slash)) === null && slash < controller.length - 1;
  if (isPath && /^[\w.~%!$&'()*+,;=:@/-]+$/.test(controller)) return [];
  const detail = "must be a domain-prefixed path (such as 'acme.io/foo')";
  return [describeProblem(path, "Invalid value", detail, controller)];
}
