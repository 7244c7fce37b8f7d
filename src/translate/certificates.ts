import { createHash, type X509Certificate } from "node:crypto";
import type { ReadTlsPair, TlsPair } from "../api/tls-secret.ts";
import { compareText } from "../base/compare-text.ts";
import { Secret } from "../base/secret.ts";
import type { Certificate, CertificateId } from "../table/certificate-table.ts";
import type { HostPattern } from "../table/routing-table.ts";

/** A certificate that can be served, or what is wrong with it; a fault never quotes the data. */
export type ReadCertificate =
  | { readonly ok: true; readonly certificate: Certificate; readonly leaf: X509Certificate }
  | { readonly ok: false; readonly fault: string };

/** Turns a chain and key that belong together into what a TLS server is told; `secret` is the name of where they are from. */
export function certificateOf(read: ReadTlsPair, secret: string | null): ReadCertificate {
  if (!read.ok) return { ok: false, fault: read.fault };
  const [leaf] = read.pair.certificates;
  return { ok: true, leaf, certificate: { ...writePair(read.pair), secret } };
}

/** Certificates in one canonical PEM text: equal chains give equal text. */
export function writeCertificates(certificates: readonly X509Certificate[]): string {
  return certificates.map((certificate) => certificate.toString()).join("");
}

/** Adds a certificate to those of a table. Which name it keeps must not depend on the order of the objects. */
export function addCertificate(certificates: Map<CertificateId, Certificate>, certificate: Certificate): void {
  const known = certificates.get(certificate.id)?.secret ?? null;
  const { id, secret } = certificate;
  if (known === null || (secret !== null && compareText(secret, known) < 0)) certificates.set(id, certificate);
}

/** False if a client that asks for a host would not accept the certificate; a wildcard host needs a wildcard. */
export function isCertificateFor(leaf: X509Certificate, host: HostPattern): boolean {
  if (host.type === "any") return true;
  const name = host.type === "exact" ? host.name : `a.${host.suffix}`;
  return leaf.checkHost(name) !== undefined;
}

function writePair({ certificates, key }: TlsPair): Omit<Certificate, "secret"> {
  const chain = writeCertificates(certificates);
  const pem = key.export({ format: "pem", type: "pkcs8" });
  const id = createHash("sha256").update(chain).update(pem).digest("hex");
  return { id, chain, key: new Secret(pem), notAfterMs: certificates[0].validToDate.getTime() };
}
