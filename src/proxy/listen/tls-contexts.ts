import { createSecureContext, type SecureContext } from "node:tls";
import type { CertificateId, CertificateTable, HostTls } from "../../table/certificate-table.ts";

/** The certificates and keys of a host in PEM, in its order of preference. */
export type Identity = { readonly cert: string[]; readonly key: string[] };

/** Prepared certificates, one context for all hosts that have the same ones. */
export type TlsContexts = {
  /** The context of a host's certificates, built on first use; throws when the table lacks one or OpenSSL refuses it. */
  readonly get: (table: CertificateTable, host: HostTls) => SecureContext;
  readonly size: () => number;
};

/** Keeps at most `limit` contexts, the most recently used; those whose certificates a new table no longer names are let go. */
export function createTlsContexts(limit: number, ciphers: string): TlsContexts {
  const contexts = new Map<string, SecureContext>();
  let current: CertificateTable | null = null;
  return {
    get: (table, host) => {
      if (table !== current) {
        current = table;
        dropUnnamed(contexts, table);
      }
      const key = contextKey(host.certificates);
      const context = contexts.get(key) ?? createSecureContext({ ...readIdentity(table, host), ciphers });
      // A Map keeps the order of insertion: what is used goes to the end, and the first is what was unused longest.
      contexts.delete(key);
      contexts.set(key, context);
      if (contexts.size > limit) contexts.delete(contexts.keys().next().value ?? key);
      return context;
    },
    size: () => contexts.size,
  };
}

/** The PEM of a host's certificates; throws when the table lacks one. */
export function readIdentity(table: CertificateTable, host: HostTls): Identity {
  const certificates = host.certificates.map((id) => {
    const certificate = table.certificates.get(id);
    if (certificate === undefined) throw new Error(`the table has no certificate ${id}`);
    return certificate;
  });
  if (certificates.length === 0) throw new Error("the host has no certificate");
  return { cert: certificates.map(({ chain }) => chain), key: certificates.map(({ key }) => key.reveal()) };
}

/** Equal for hosts that are served with the same certificates. */
export function contextKey(certificates: readonly CertificateId[]): string {
  return certificates.join("+");
}

function dropUnnamed(contexts: Map<string, SecureContext>, table: CertificateTable): void {
  for (const key of contexts.keys()) {
    if (!key.split("+").every((id) => table.certificates.has(id))) contexts.delete(key);
  }
}
