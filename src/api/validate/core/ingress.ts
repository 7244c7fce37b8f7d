import { isIP } from "node:net";
import type { Ingress, IngressBackend, IngressPath, IngressRule } from "../../core.ts";
import { describeProblem, type FieldPath, type FieldProblem } from "../field-problem.ts";
import { judgeText } from "../metadata.ts";
import { dnsLabel, dnsSubdomain, portName, portNumber, wildcardSubdomain } from "../names.ts";
import { fields, list, type Shape } from "../shape.ts";
import type { KindRules } from "./kind-rules.ts";

const backend: Shape = fields({
  service: fields({ name: "string", port: fields({ name: "string", number: "integer" }) }),
  resource: fields({ apiGroup: "string", kind: "string", name: "string" }),
});

/** networking.k8s.io/v1 Ingress. */
export const ingressRules: KindRules<Ingress> = {
  checkName: dnsSubdomain,
  shape: {
    spec: fields({
      ingressClassName: "string",
      defaultBackend: backend,
      rules: list(
        fields({
          host: "string",
          http: fields({ paths: list(fields({ path: "string", pathType: "string", backend })) }),
        }),
      ),
      tls: list(fields({ hosts: list("string"), secretName: "string" })),
    }),
    status: "any",
  },
  judge: (ingress) => {
    const spec = ingress.spec ?? {};
    const rules = spec.rules ?? [];
    const problems = [
      ...judgeClass(ingress),
      ...rules.flatMap((rule, index) => judgeRule(rule, ["spec", "rules", index])),
      ...(spec.tls ?? []).flatMap((tls, index) => judgeTls(tls, ["spec", "tls", index])),
    ];
    if (spec.defaultBackend !== undefined) {
      problems.push(...judgeBackend(spec.defaultBackend, ["spec", "defaultBackend"]));
    } else if (rules.length === 0) {
      problems.push(describeProblem(["spec"], "Invalid value", "either `defaultBackend` or `rules` must be specified"));
    }
    return problems;
  },
};

const classAnnotation = "kubernetes.io/ingress.class";

function judgeClass(ingress: Ingress): readonly FieldProblem[] {
  const className = ingress.spec?.ingressClassName;
  if (className === undefined) return [];
  const legacy = ingress.metadata.annotations?.[classAnnotation];
  const problems = judgeText(className, dnsSubdomain, ["spec", "ingressClassName"]);
  if (legacy !== undefined && legacy !== className) {
    const detail = "must match `ingressClassName` when both are specified";
    problems.push(describeProblem(["metadata", "annotations", classAnnotation], "Invalid value", detail, legacy));
  }
  return problems;
}

function judgeRule(rule: IngressRule, path: FieldPath): readonly FieldProblem[] {
  const host = rule.host ?? "";
  const problems = host === "" ? [] : judgeHost(host, [...path, "host"]);
  if (rule.http === undefined) return problems;
  const pathsPath = [...path, "http", "paths"];
  // oxlint-disable-next-line typescript/no-unnecessary-condition -- the shape says what a field is, not that it is there
  const paths = rule.http.paths ?? [];
  if (paths.length === 0) return [...problems, describeProblem(pathsPath, "Required value", "")];
  return [...problems, ...paths.flatMap((each, index) => judgePath(each, [...pathsPath, index]))];
}

function judgeHost(host: string, path: FieldPath): FieldProblem[] {
  if (isIP(host) !== 0) {
    return [describeProblem(path, "Invalid value", "must be a DNS name, not an IP address", host)];
  }
  return judgeText(host, host.includes("*") ? wildcardSubdomain : dnsSubdomain, path);
}

const pathTypes: readonly string[] = ["Exact", "ImplementationSpecific", "Prefix"];

function judgePath(path: Partial<IngressPath>, at: FieldPath): readonly FieldProblem[] {
  const problems = judgeBackend(path.backend ?? {}, [...at, "backend"]);
  const text = path.path ?? "";
  if (path.pathType === undefined) {
    return [...problems, describeProblem([...at, "pathType"], "Required value", "pathType must be specified")];
  }
  if (!pathTypes.includes(path.pathType)) {
    const detail = `supported values: ${pathTypes.map((type) => JSON.stringify(type)).join(", ")}`;
    return [...problems, describeProblem([...at, "pathType"], "Unsupported value", detail, path.pathType)];
  }
  const detail = path.pathType === "ImplementationSpecific" ? looseFault(text) : strictFault(text);
  if (detail !== null) problems.push(describeProblem([...at, "path"], "Invalid value", detail, text));
  return problems;
}

function looseFault(path: string): string | null {
  return path === "" || path.startsWith("/") ? null : "must be an absolute path";
}

function strictFault(path: string): string | null {
  if (!path.startsWith("/")) return "must be an absolute path";
  const sequence = ["//", "/./", "/../", "%2f", "%2F"].find((each) => path.includes(each));
  if (sequence !== undefined) return `must not contain '${sequence}'`;
  const suffix = ["/..", "/."].find((each) => path.endsWith(each));
  return suffix === undefined ? null : `cannot end with '${suffix}'`;
}

function judgeBackend(written: IngressBackend, path: FieldPath): FieldProblem[] {
  const { service, resource } = written;
  if (service !== undefined && resource !== undefined) {
    return [describeProblem(path, "Invalid value", "cannot set both resource and service backends")];
  }
  if (resource !== undefined) return judgeResource(resource, [...path, "resource"]);
  if (service === undefined) return [describeProblem(path, "Invalid value", "resource or service backend is required")];
  const namePath = [...path, "service", "name"];
  const name = nonEmpty(service.name);
  const problems =
    name === null ? [describeProblem(namePath, "Required value", "")] : judgeText(name, dnsLabel, namePath);
  return [...problems, ...judgePort(service.port ?? {}, path)];
}

function judgePort(port: { readonly name?: string; readonly number?: number }, path: FieldPath): FieldProblem[] {
  const name = port.name ?? "";
  const number = port.number ?? 0;
  const portPath = [...path, "service", "port"];
  if (name !== "" && number !== 0) {
    return [describeProblem(path, "Invalid value", "cannot set both port name & port number")];
  }
  if (name !== "") return judgeText(name, portName, [...portPath, "name"]);
  if (number === 0) return [describeProblem(path, "Required value", "port name or number is required")];
  const detail = portNumber(number);
  return detail === null ? [] : [describeProblem([...portPath, "number"], "Invalid value", detail, number)];
}

function judgeResource(resource: { readonly kind?: string; readonly name?: string }, path: FieldPath): FieldProblem[] {
  return (["kind", "name"] as const).flatMap((member) =>
    nonEmpty(resource[member]) === null ? [describeProblem([...path, member], "Required value", "")] : [],
  );
}

function judgeTls(
  tls: { readonly hosts?: readonly string[]; readonly secretName?: string },
  path: FieldPath,
): readonly FieldProblem[] {
  const problems = (tls.hosts ?? []).flatMap((host, index) =>
    judgeText(host, host.includes("*") ? wildcardSubdomain : dnsSubdomain, [...path, "hosts", index]),
  );
  const secretName = nonEmpty(tls.secretName);
  return secretName === null
    ? problems
    : [...problems, ...judgeText(secretName, dnsSubdomain, [...path, "secretName"])];
}

function nonEmpty(text: string | undefined): string | null {
  return text === undefined || text === "" ? null : text;
}
