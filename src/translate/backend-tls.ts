import type { BackendTls } from "../table/routing-table.ts";
import { writeCertificates } from "./certificates.ts";
import { isDnsName } from "./hosts.ts";
import { faultOf, resolveSecret } from "./references.ts";
import type { RuleScope } from "./rule-scope.ts";
import type { MakeBackendTls } from "./services.ts";

/** Reads a rule's backendTLS, once; what cannot be read refuses the rule. */
export function translateBackendTls(scope: RuleScope): MakeBackendTls {
  const written = scope.rule.spec.backendTLS ?? {};
  const { hostname } = written;
  if (hostname !== undefined && !isDnsName(hostname)) {
    const message = "Expected a DNS name in lower case.";
    scope.refuse({ field: "backendTLS.hostname", value: hostname, reason: "UnsupportedValue", message });
  }
  const ca = translateRoots(scope);
  const verify = written.insecureSkipVerify !== true;
  if (!verify && ca !== null) {
    const message = "Expected no roots where any certificate is accepted: they would not be looked at.";
    scope.refuse({ field: "backendTLS.caCertificateRefs", value: "", reason: "UnsupportedValue", message });
  }
  return (namespace, service): BackendTls => ({
    serverName: hostname ?? `${service}.${namespace}.svc`,
    verify,
    ca,
  });
}

function translateRoots(scope: RuleScope): string | null {
  const refs = scope.rule.spec.backendTLS?.caCertificateRefs ?? [];
  if (refs.length === 0) return null;
  const roots = refs.map((ref, index) => {
    const field = `backendTLS.caCertificateRefs[${index}]`;
    const resolved = resolveSecret(scope.lookup, scope.source, ref);
    if (!resolved.ok) {
      scope.refuse({ field, value: ref.name, ...faultOf(resolved) });
      return "";
    }
    const read = scope.lookup.read.roots(resolved.found);
    if (read.ok) return writeCertificates(read.certificates);
    const message = `The ca.crt of Secret ${resolved.namespace}/${ref.name} ${read.fault}.`;
    scope.refuse({ field, value: ref.name, reason: "InvalidCertificateRef", message });
    return "";
  });
  return roots.join("");
}
