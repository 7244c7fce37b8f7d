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

/** A chain of one certificate, its key, and the authority that signed it, all PEM. */
export type SignedPair = PemPair & { readonly authority: string };

/** Makes a certificate that an authority of its own signed. */
export async function makeSigned(hostnames: readonly string[]): Promise<SignedPair> {
  await import("reflect-metadata");
  const x509 = await import("@peculiar/x509");
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
  const [root, leaf] = await Promise.all(
    [1, 2].map(() => crypto.subtle.generateKey(algorithm, true, ["sign", "verify"])),
  );
  if (root === undefined || leaf === undefined) throw new Error("no keys were made");
  const dates = { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + 30 * 86_400_000) };
  const issuer = [{ CN: ["Test authority"] }];
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    ...dates,
    name: issuer,
    keys: root,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
    ],
  });
  const certificate = await x509.X509CertificateGenerator.create({
    ...dates,
    subject: [{ CN: [hostnames[0] ?? "localhost"] }],
    issuer,
    publicKey: leaf.publicKey,
    signingKey: root.privateKey,
    signingAlgorithm: algorithm,
    extensions: [new x509.SubjectAlternativeNameExtension(hostnames.map((value) => ({ type: "dns", value })))],
  });
  const key = x509.PemConverter.encode(await crypto.subtle.exportKey("pkcs8", leaf.privateKey), "PRIVATE KEY");
  return { chain: certificate.toString("pem"), key, authority: authority.toString("pem") };
}
