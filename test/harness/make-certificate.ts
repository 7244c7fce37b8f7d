import { createHash, X509Certificate } from "node:crypto";
import { Secret } from "../../src/base/secret.ts";
import { makeSelfSigned, type PemPair } from "../../src/cli/self-signed.ts";
import type { Certificate, CertificateTable, HostTls, TlsVersion } from "../../src/table/certificate-table.ts";
import type { HostPattern } from "../../src/table/routing-table.ts";

/** A certificate as the table holds it, with its PEM pair for clients that should trust it. */
export type MadeCertificate = Certificate & { readonly pem: PemPair };

/** Makes a self-signed certificate that is ready for a table. */
export async function makeCertificate(...hostnames: readonly string[]): Promise<MadeCertificate> {
  const pem = await makeSelfSigned(hostnames);
  return {
    id: createHash("sha256").update(pem.chain).update(pem.key).digest("hex"),
    chain: pem.chain,
    key: new Secret(pem.key),
    notAfterMs: Date.parse(new X509Certificate(pem.chain).validTo),
    secret: null,
    pem,
  };
}

/** The settings of one host: exact for a name, one-label for `*.suffix`, any for `*`. */
export function hostTls(host: string, certificate: Certificate, minVersion: TlsVersion = "TLSv1.2"): HostTls {
  return { host: hostPattern(host), certificates: [certificate.id], minVersion };
}

/** A table of hosts and the certificates that they name. */
export function certificateTable(
  certificates: readonly Certificate[],
  hosts: readonly HostTls[],
  fallback: HostTls | null = null,
): CertificateTable {
  return { certificates: new Map(certificates.map((each) => [each.id, each])), hosts, fallback, ticketKeys: null };
}

/** Reads `name`, `*.suffix` (one label) and `*`. */
export function hostPattern(host: string): HostPattern {
  if (host === "*") return { type: "any" };
  if (host.startsWith("*.")) return { type: "one-label", suffix: host.slice(2) };
  return { type: "exact", name: host };
}
