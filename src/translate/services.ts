import type { Service, ServicePort } from "../api/core.ts";
import type { PoolKey } from "../table/endpoint-table.ts";
import type { Backend, BackendTls } from "../table/routing-table.ts";
import { type Finding, show } from "./findings.ts";
import { keyOf } from "./lookup.ts";
import { faultOf, permitReference } from "./references.ts";
import type { RuleScope } from "./rule-scope.ts";
import type { SourceBackend } from "./source.ts";

const REFUSED_STATUS = 503;
const MAX_WEIGHT = 1_000_000;

/** What a Service port speaks, by its appProtocol (KEP-2433, GEP-1911): an absent one is HTTP. */
const PROTOCOLS: ReadonlyMap<string, "plain" | "tls"> = new Map([
  ["", "plain"],
  ["http", "plain"],
  ["kubernetes.io/ws", "plain"],
  ["https", "tls"],
  ["kubernetes.io/wss", "tls"],
]);

/** Makes the TLS settings for a Service; given once for a rule. */
export type MakeBackendTls = (namespace: string, service: string) => BackendTls;

/** The backends of a rule. One that cannot be used keeps its weight, and that share is refused. */
export function translateBackends(scope: RuleScope, makeTls: MakeBackendTls): readonly Backend[] {
  const refs = scope.rule.spec.backendRefs;
  if (refs.length === 0) {
    const message = "Expected at least one backend.";
    scope.refuse({ field: "backendRefs", value: "", reason: "UnsupportedValue", message });
  }
  return refs.map((ref, index) => translateBackend(scope, ref, `backendRefs[${index}]`, makeTls));
}

function translateBackend(scope: RuleScope, ref: SourceBackend, field: string, makeTls: MakeBackendTls): Backend {
  const weight = ref.weight ?? 1;
  if (!Number.isInteger(weight) || weight < 0 || weight > MAX_WEIGHT) {
    const message = `Expected a weight from 0 to ${MAX_WEIGHT}.`;
    scope.refuse({ field: `${field}.weight`, value: weight, reason: "UnsupportedValue", message });
    return { type: "Refuse", weight: 0, status: REFUSED_STATUS, detail: message };
  }
  const target = resolveTarget(scope, ref, field);
  if (!target.ok) {
    scope.report(target.finding);
    return { type: "Refuse", weight, status: REFUSED_STATUS, detail: show(target.finding.message, 500) };
  }
  const { namespace, service, port, protocol } = target;
  const pool: PoolKey = `${namespace}/${service}:${port}`;
  return { type: "Pool", weight, pool, tls: protocol === "tls" ? makeTls(namespace, service) : null };
}

type Fault = Pick<Finding, "reason" | "message" | "absent">;

type Target =
  | {
      readonly ok: true;
      readonly namespace: string;
      readonly service: string;
      readonly port: number;
      readonly protocol: "plain" | "tls";
    }
  | { readonly ok: false; readonly finding: Finding };

function resolveTarget(scope: RuleScope, ref: SourceBackend, field: string): Target {
  const permitted = permitReference(scope.lookup, scope.source, ref, "Service");
  const refusal = (part: string, value: unknown, fault: Fault): Target => ({
    ok: false,
    finding: { field: part === "" ? field : `${field}.${part}`, value, ...fault },
  });
  if (!permitted.ok) {
    const written = [ref.namespace, ref.name].filter(Boolean).join("/");
    return refusal("", written, faultOf(permitted));
  }
  const { namespace } = permitted;
  const shown = `Service ${show(namespace, 63)}/${show(ref.name, 80)}`;
  const service = scope.lookup.services.get(keyOf(namespace, ref.name));
  if (service === undefined) {
    const absent = { kind: "Service", namespace, name: ref.name };
    return refusal("name", ref.name, { reason: "BackendNotFound", message: `${shown} does not exist.`, absent });
  }
  if (service.spec?.type === "ExternalName") {
    const message = `${shown} is an ExternalName, which is never followed.`;
    return refusal("name", ref.name, { reason: "UnsupportedAddress", message });
  }
  const port = findPort(service, ref.port);
  if (port === undefined) {
    const message = `${shown} has no port ${show(ref.port, 63)}.`;
    return refusal("port", ref.port, { reason: "BackendNotFound", message });
  }
  const protocol = protocolOf(port);
  if (protocol.speaks === null) {
    return refusal("port", ref.port, { reason: "UnsupportedProtocol", message: `${shown} ${protocol.fault}` });
  }
  return { ok: true, namespace, service: ref.name, port: port.port, protocol: protocol.speaks };
}

/** TCP first, so that a UDP port of the same number or name does not stand in its way. */
function findPort(service: Service, wanted: number | string): ServicePort | undefined {
  const named = (service.spec?.ports ?? []).filter((port) =>
    typeof wanted === "number" ? port.port === wanted : port.name === wanted,
  );
  return named.find((port) => (port.protocol ?? "TCP") === "TCP") ?? named[0];
}

type Speaks = { readonly speaks: "plain" | "tls" } | { readonly speaks: null; readonly fault: string };

function protocolOf(port: ServicePort): Speaks {
  if ((port.protocol ?? "TCP") !== "TCP") {
    return { speaks: null, fault: `has port ${port.port} on ${show(port.protocol, 10)} only; expected TCP.` };
  }
  const speaks = PROTOCOLS.get(port.appProtocol ?? "");
  if (speaks !== undefined) return { speaks };
  const known = [...PROTOCOLS.keys()].filter(Boolean).join(", ");
  return {
    speaks: null,
    fault: `speaks ${show(port.appProtocol, 80)} on port ${port.port}; expected one of ${known}.`,
  };
}
