import type { Service, ServicePort } from "../../core.ts";
import { describeProblem, type FieldPath, type FieldProblem } from "../field-problem.ts";
import { judgeText } from "../metadata.ts";
import { dnsLabel, dnsSubdomain, portName, portNumber, qualifiedName } from "../names.ts";
import { fields, list } from "../shape.ts";
import type { KindRules } from "./kind-rules.ts";
import { judgeOneOf, PROTOCOLS } from "./one-of.ts";

/** v1 Service: the fields that Fairlead reads; the rest is accepted as any API server's own. */
export const serviceRules: KindRules<Service> = {
  checkName: dnsLabel,
  shape: {
    spec: fields(
      {
        type: "string",
        clusterIP: "string",
        externalName: "string",
        ipFamilies: list("string"),
        ports: list(
          fields({
            name: "string",
            port: "integer",
            protocol: "string",
            appProtocol: "string",
            targetPort: "integer-or-string",
            nodePort: "integer",
          }),
        ),
      },
      "selector clusterIPs externalIPs sessionAffinity sessionAffinityConfig loadBalancerIP loadBalancerSourceRanges loadBalancerClass externalTrafficPolicy internalTrafficPolicy healthCheckNodePort publishNotReadyAddresses allocateLoadBalancerNodePorts ipFamilyPolicy trafficDistribution",
    ),
    status: "any",
  },
  complete: (service) => {
    const { spec } = service;
    if (spec?.ports === undefined) return service;
    return { ...service, spec: { ...spec, ports: spec.ports.map((port) => ({ protocol: "TCP", ...port })) } };
  },
  judge: judgeService,
};

function judgeService(service: Service): readonly FieldProblem[] {
  const spec: NonNullable<Service["spec"]> & { readonly clusterIP?: string; readonly externalName?: string } =
    service.spec ?? {};
  const ports = spec.ports ?? [];
  const problems = [
    ...judgeOneOf(spec.type, ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"], ["spec", "type"]),
    ...(spec.ipFamilies ?? []).flatMap((family, index) =>
      judgeOneOf(family, ["IPv4", "IPv6"], ["spec", "ipFamilies", index]),
    ),
    ...ports.flatMap((port, index) => judgePort(port, ports.slice(0, index), ["spec", "ports", index])),
  ];
  if (spec.type === "ExternalName") return [...problems, ...judgeExternalName(spec.externalName ?? "")];
  if (ports.length > 0 || spec.clusterIP === "None") return problems;
  return [...problems, describeProblem(["spec", "ports"], "Required value", "")];
}

function judgeExternalName(name: string): readonly FieldProblem[] {
  const path = ["spec", "externalName"];
  const plain = name.endsWith(".") ? name.slice(0, -1) : name;
  return plain === "" ? [describeProblem(path, "Required value", "")] : judgeText(plain, dnsSubdomain, path);
}

function judgePort(
  port: Partial<ServicePort>,
  earlier: readonly ServicePort[],
  path: FieldPath,
): readonly FieldProblem[] {
  const wrongNumber = portNumber(port.port ?? 0);
  return [
    ...judgePortName(port.name ?? "", earlier, path),
    ...(wrongNumber === null ? [] : [describeProblem([...path, "port"], "Invalid value", wrongNumber, port.port ?? 0)]),
    ...judgeOneOf(port.protocol, PROTOCOLS, [...path, "protocol"]),
    ...(port.appProtocol === undefined ? [] : judgeText(port.appProtocol, qualifiedName, [...path, "appProtocol"])),
    ...judgeTargetPort(port.targetPort, [...path, "targetPort"]),
    ...(earlier.some((other) => other.port === port.port && other.protocol === port.protocol)
      ? [describeProblem(path, "Duplicate value", "", { port: port.port, protocol: port.protocol })]
      : []),
  ];
}

function judgePortName(name: string, earlier: readonly ServicePort[], path: FieldPath): readonly FieldProblem[] {
  const namePath = [...path, "name"];
  const isSecond = earlier.length > 0;
  if (name === "") return isSecond ? [describeProblem(namePath, "Required value", "")] : [];
  if (earlier.some((other) => other.name === name)) return [describeProblem(namePath, "Duplicate value", "", name)];
  return judgeText(name, dnsLabel, namePath);
}

function judgeTargetPort(target: number | string | undefined, path: FieldPath): readonly FieldProblem[] {
  if (target === undefined) return [];
  if (typeof target === "string") return judgeText(target, portName, path);
  const detail = portNumber(target);
  return detail === null ? [] : [describeProblem(path, "Invalid value", detail, target)];
}
