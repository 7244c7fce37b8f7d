import { createHash, createPrivateKey, type KeyObject, type X509Certificate } from "node:crypto";
import type { KubernetesSecret } from "../api/core.ts";
import { Secret } from "../base/secret.ts";
import type { Certificate } from "../table/certificate-table.ts";
import type { HostPattern } from "../table/routing-table.ts";
import { readCertificates, writeCertificates } from "./pem.ts";
import { secretText } from "./references.ts";

const MIN_RSA_BITS = 2048;
const MAX_KEY_LENGTH = 65_536;

/** A certificate that can be served, or what is wrong with it; a fault never quotes the data. */
export type ReadCertificate =
  | { readonly ok: true; readonly certificate: Certificate; readonly leaf: X509Certificate }
  | { readonly ok: false; readonly fault: string };

/** Reads the chain and key of a TLS Secret (kubernetes.io/tls). Never throws. */
export function readTlsSecret(secret: KubernetesSecret): ReadCertificate {
  const chain = secretText(secret, "tls.crt");
  if (chain === null) return { ok: false, fault: "has no tls.crt" };
  const key = secretText(secret, "tls.key");
  if (key === null) return { ok: false, fault: "has no tls.key" };
  return readCertificatePair(chain, key);
}

/** Reads a PEM chain and its PEM key, and checks that they belong together. Never throws. */
export function readCertificatePair(chain: string, keyPem: string): ReadCertificate {
  const read = readCertificates(chain);
  if (!read.ok) return { ok: false, fault: `tls.crt ${read.fault}` };
  const leaf = read.certificates[0];
  const key = readKey(keyPem);
  if (leaf === undefined || key === null) return { ok: false, fault: "tls.key is not an unencrypted PEM private key" };
  if (!belongTogether(leaf, key)) {
    return { ok: false, fault: "tls.key is not the key of the first certificate in tls.crt" };
  }
  const weakness = weaknessOf(key);
  if (weakness !== null) return { ok: false, fault: weakness };
  return { ok: true, leaf, certificate: certificateOf(read.certificates, leaf, key) };
}

/** False if a client that asks for a host would not accept the certificate; a wildcard host needs a wildcard. */
export function isCertificateFor(leaf: X509Certificate, host: HostPattern): boolean {
  if (host.type === "any") return true;
  const name = host.type === "exact" ? host.name : `a.${host.suffix}`;
  return leaf.checkHost(name) !== undefined;
}

function certificateOf(certificates: readonly X509Certificate[], leaf: X509Certificate, key: KeyObject): Certificate {
  const chain = writeCertificates(certificates);
  const pem = key.export({ format: "pem", type: "pkcs8" });
  const id = createHash("sha256").update(chain).update(pem).digest("hex");
  const notAfterMs = leaf.validToDate.getTime();
  return { id, chain, key: new Secret(pem), notAfterMs };
}

function readKey(pem: string): KeyObject | null {
  if (pem.length > MAX_KEY_LENGTH) return null;
  try {
    return createPrivateKey(pem);
  } catch {
    return null;
  }
}

function belongTogether(leaf: X509Certificate, key: KeyObject): boolean {
  try {
    return leaf.checkPrivateKey(key);
  } catch {
    return false;
  }
}

/** TLS libraries refuse to load such a key, so it must not reach the data plane. */
function weaknessOf(key: KeyObject): string | null {
  const type = key.asymmetricKeyType;
  if (type === "ec" || type === "ed25519") return null;
  if (type !== "rsa" && type !== "rsa-pss") return `tls.key has type ${type}; expected EC, RSA or Ed25519`;
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  return bits < MIN_RSA_BITS ? `tls.key has ${bits} bits; expected at least ${MIN_RSA_BITS}` : null;
}
