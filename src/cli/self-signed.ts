import { isIP } from "node:net";

/** A certificate chain and its private key (PKCS #8), both PEM. */
export type PemPair = { readonly chain: string; readonly key: string };

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
const MINUTE_MS = 60_000;
const VALID_MS = 30 * 24 * 60 * MINUTE_MS;

/**
 * Makes a certificate for host names and IP literals that is signed by its own key (EC P-256), valid from a minute before
 * `nowMs` for 30 days. For demonstrations and tests: no client trusts it unasked.
 */
export async function makeSelfSigned(hostnames: readonly string[], nowMs: number = Date.now()): Promise<PemPair> {
  // Loaded on demand: the library extends the global Reflect, which a process that serves has no use for.
  await import("reflect-metadata");
  const x509 = await import("@peculiar/x509");
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [(hostnames[0] ?? "localhost").slice(0, 64)] }],
    notBefore: new Date(nowMs - MINUTE_MS),
    notAfter: new Date(nowMs + VALID_MS),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.SubjectAlternativeNameExtension(hostnames.map(alternativeName)),
      new x509.BasicConstraintsExtension(false, undefined, true),
      // TLS since 1.2 with ECDHE needs no other use.
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([SERVER_AUTH]),
    ],
  });
  const key = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    chain: `${certificate.toString("pem")}\n`,
    key: x509.PemConverter.encode(key, "PRIVATE KEY"),
  };
}

function alternativeName(hostname: string): { readonly type: "dns" | "ip"; readonly value: string } {
  return { type: isIP(hostname) === 0 ? "dns" : "ip", value: hostname };
}
