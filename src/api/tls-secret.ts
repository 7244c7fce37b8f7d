import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import type { KubernetesSecret } from "./core.ts";
import { readSecretData } from "./secret-data.ts";

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+?-----END CERTIFICATE-----/gu;
const MAX_CHAIN_LENGTH = 262_144;
const MAX_CERTIFICATES = 64;
const MAX_KEY_LENGTH = 65_536;
const MIN_RSA_BITS = 2048;

/** A chain, the server's own certificate first, and the private key of that one. */
export type TlsPair = {
  readonly certificates: readonly [leaf: X509Certificate, ...intermediates: X509Certificate[]];
  readonly key: KeyObject;
};

/** A pair that a TLS server can load; or which part cannot be used and why, in words that never quote the data. */
export type ReadTlsPair =
  | { readonly ok: true; readonly pair: TlsPair }
  | { readonly ok: false; readonly part: "tls.crt" | "tls.key"; readonly fault: string };

/**
 * Reads a Secret of type kubernetes.io/tls. The API server only looks whether its keys are there; a reader that keeps
 * last good versions, and translation, both ask here. Never throws.
 */
export function readTlsSecret(secret: KubernetesSecret): ReadTlsPair {
  const chain = textOf(secret, "tls.crt");
  if (chain === null) return unreadable("tls.crt", "is missing");
  const key = textOf(secret, "tls.key");
  return key === null ? unreadable("tls.key", "is missing") : readTlsPair(chain, key);
}

/** Reads a PEM chain and its PEM key, and checks that they belong together and that TLS libraries load them. Never throws. */
export function readTlsPair(chain: string, keyPem: string): ReadTlsPair {
  const read = readCertificates(chain);
  if (!read.ok) return unreadable("tls.crt", read.fault);
  const key = readKey(keyPem);
  if (key === null) return unreadable("tls.key", "is not an unencrypted PEM private key");
  if (!belongTogether(read.certificates[0], key)) {
    return unreadable("tls.key", "is not the key of the first certificate in tls.crt");
  }
  const weakness = weaknessOf(key);
  if (weakness !== null) return unreadable("tls.key", weakness);
  return { ok: true, pair: { certificates: read.certificates, key } };
}

function unreadable(part: "tls.crt" | "tls.key", words: string): ReadTlsPair {
  return { ok: false, part, fault: `${part} ${words}` };
}

/** The certificates of a PEM text in order, or what is wrong with it. */
export type ReadCertificates =
  | { readonly ok: true; readonly certificates: TlsPair["certificates"] }
  | { readonly ok: false; readonly fault: string };

/** Reads a bounded PEM text of one or more certificates (RFC 7468): a chain, or roots to trust. Never throws. */
export function readCertificates(pem: string): ReadCertificates {
  if (pem.length > MAX_CHAIN_LENGTH) return { ok: false, fault: `is longer than ${MAX_CHAIN_LENGTH} characters` };
  const blocks = pem.match(CERTIFICATE) ?? [];
  if (blocks.length > MAX_CERTIFICATES) return { ok: false, fault: `holds more than ${MAX_CERTIFICATES} certificates` };
  try {
    const [leaf, ...intermediates] = blocks.map((block) => new X509Certificate(block));
    if (leaf === undefined) return { ok: false, fault: "holds no PEM certificate" };
    return { ok: true, certificates: [leaf, ...intermediates] };
  } catch {
    return { ok: false, fault: "holds a certificate that cannot be parsed" };
  }
}

/** The decoded text of one key of a Secret; null if it is absent. */
function textOf(secret: KubernetesSecret, key: string): string | null {
  return readSecretData(secret, key)?.toString("utf8") ?? null;
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

/** TLS libraries refuse to load such a key, so that it must not reach the data plane. */
function weaknessOf(key: KeyObject): string | null {
  const type = key.asymmetricKeyType;
  if (type === "ec" || type === "ed25519") return null;
  if (type !== "rsa" && type !== "rsa-pss") return `has type ${type}; expected EC, RSA or Ed25519`;
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  return bits < MIN_RSA_BITS ? `has ${bits} bits; expected at least ${MIN_RSA_BITS}` : null;
}
