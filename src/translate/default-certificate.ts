import { readTlsPair } from "../api/tls-secret.ts";
import type { Problem } from "../base/problem.ts";
import type { Certificate } from "../table/certificate-table.ts";
import { certificateOf, type ReadCertificate } from "./certificates.ts";
import { reportTo } from "./findings.ts";
import { keyOf, type Lookup } from "./lookup.ts";
import type { DefaultCertificate } from "./translation.ts";

/** The part of a lookup that Secrets are read with. */
type ReadSecrets = Pick<Lookup, "secrets" | "read">;

/** The certificate of names that no object has settings for; null if there is none or it cannot be used, which is reported. */
export function readDefaultCertificate(
  lookup: ReadSecrets,
  wanted: DefaultCertificate | null,
  problems: Problem[],
): Certificate | null {
  if (wanted === null) return null;
  const read = readWanted(lookup, wanted);
  if (read.ok) return read.certificate;
  const { namespace, name } = wanted.type === "Secret" ? wanted : { namespace: "", name: "default-certificate" };
  const message = `The default certificate cannot be used: ${read.fault}.`;
  const object = { kind: "Secret", namespace, name };
  const isAbsent = wanted.type === "Secret" && lookup.secrets.get(keyOf(namespace, name)) === undefined;
  const absent = isAbsent ? { absent: object } : {};
  reportTo(problems, object)({ field: "data", value: "", reason: "InvalidCertificateRef", message, ...absent });
  return null;
}

function readWanted(lookup: ReadSecrets, wanted: DefaultCertificate): ReadCertificate {
  if (wanted.type === "Pair") return certificateOf(readTlsPair(wanted.chain, wanted.key.reveal()), null);
  const secret = lookup.secrets.get(keyOf(wanted.namespace, wanted.name));
  if (secret === undefined) return { ok: false, fault: "the Secret does not exist" };
  return lookup.read.pair(secret);
}
