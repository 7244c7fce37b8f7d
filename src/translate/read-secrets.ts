import type { KubernetesSecret } from "../api/core.ts";
import { type ReadCertificates, readCertificates, readTlsSecret } from "../api/tls-secret.ts";
import { certificateOf, type ReadCertificate } from "./certificates.ts";

/** Reads what Secrets hold, each Secret once: a thousand routes may name one wildcard certificate. */
export type SecretReader = {
  /** The chain and key of tls.crt and tls.key. */
  readonly pair: (secret: KubernetesSecret) => ReadCertificate;
  /** The roots of ca.crt. */
  readonly roots: (secret: KubernetesSecret) => ReadCertificates;
};

/** Makes a reader that remembers what it read for as long as somebody holds the Secret. */
export function createSecretReader(): SecretReader {
  return {
    pair: once((secret) => certificateOf(readTlsSecret(secret), nameOf(secret))),
    roots: once((secret) => readCertificates(caTextOf(secret))),
  };
}

function once<Result>(read: (secret: KubernetesSecret) => Result): (secret: KubernetesSecret) => Result {
  const known = new WeakMap<KubernetesSecret, { readonly result: Result }>();
  return (secret) => {
    const found = known.get(secret) ?? { result: read(secret) };
    known.set(secret, found);
    return found.result;
  };
}

function nameOf({ metadata: { namespace = "", name } }: KubernetesSecret): string {
  return `${namespace}/${name}`;
}

/** The ca.crt of a Secret, decoded; empty if there is none. Files may write it in stringData, which wins. */
function caTextOf(secret: KubernetesSecret): string {
  const plain = secret.stringData?.["ca.crt"];
  return plain ?? Buffer.from(secret.data?.["ca.crt"] ?? "", "base64").toString("utf8");
}
