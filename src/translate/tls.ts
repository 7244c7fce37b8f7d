import type { X509Certificate } from "node:crypto";
import type { Problem } from "../base/problem.ts";
import type { Certificate, TlsVersion } from "../table/certificate-table.ts";
import type { HostPattern } from "../table/routing-table.ts";
import { isCertificateFor } from "./certificates.ts";
import { type Report, reportTo, show } from "./findings.ts";
import { hostText } from "./hosts.ts";
import { type Dated, refOf } from "./order.ts";
import { faultOf, resolveSecret } from "./references.ts";
import type { Surroundings } from "./rule-scope.ts";
import type { Reference, Source, SourceTls } from "./source.ts";

/** The TLS settings that one object asks for on one host. */
export type TlsClaim = {
  readonly object: Dated;
  readonly host: HostPattern;
  /** Counts the claims of the object in the order in which it makes them. */
  readonly position: number;
  /** In order of preference; empty if none can be used, and then the object's rules on this host are refused. */
  readonly certificates: readonly Certificate[];
  /** Null for the operator's. */
  readonly minVersion: TlsVersion | null;
  /** Where the certificates are written. */
  readonly field: string;
};

/** The TLS claims of an object, host by host. A certificate that cannot be used is reported and left out. */
export function translateTls(source: Source, surroundings: Surroundings, problems: Problem[]): readonly TlsClaim[] {
  const report = reportTo(problems, refOf(source.object));
  let position = 0;
  return source.tls.flatMap((tls) => {
    const certificates =
      tls.certificateRefs.length === 0
        ? defaultOf(surroundings, tls, report)
        : tls.certificateRefs.flatMap((ref, index) => readReference(source, surroundings, tls, { ref, index, report }));
    return tls.hosts.map((host) => ({
      object: source.object,
      host,
      position: (position += 1),
      certificates,
      minVersion: tls.minVersion,
      field: tls.field,
    }));
  });
}

function defaultOf({ lookup }: Surroundings, tls: SourceTls, report: Report): readonly Certificate[] {
  const defaultCertificate = lookup.defaultCertificate();
  if (defaultCertificate !== null) return [defaultCertificate];
  const message = "Expected a Secret: there is no usable default certificate.";
  report({ field: tls.field, value: "", reason: "InvalidCertificateRef", message });
  return [];
}

type Referring = { readonly ref: Reference; readonly index: number; readonly report: Report };

function readReference(
  source: Source,
  { lookup }: Surroundings,
  tls: SourceTls,
  { ref, index, report }: Referring,
): readonly Certificate[] {
  const field = tls.field.endsWith("Refs") ? `${tls.field}[${index}]` : tls.field;
  const resolved = resolveSecret(lookup, source, ref);
  if (!resolved.ok) {
    report({ field, value: ref.name, ...faultOf(resolved) });
    return [];
  }
  const read = lookup.read.pair(resolved.found);
  const shown = `Secret ${show(resolved.namespace, 63)}/${show(ref.name, 80)}`;
  if (!read.ok) {
    report({ field, value: ref.name, reason: "InvalidCertificateRef", message: `${shown}: ${read.fault}.` });
    return [];
  }
  for (const host of unnamedHosts(read.leaf, tls.hosts)) {
    const message = `${shown}: its certificate is not for ${hostText(host)}; clients will not accept it.`;
    report({ field, value: ref.name, reason: "InvalidCertificateRef", message, effect: "ignored" });
  }
  return [read.certificate];
}

function unnamedHosts(leaf: X509Certificate, hosts: readonly HostPattern[]): readonly HostPattern[] {
  return hosts.filter((host) => !isCertificateFor(leaf, host));
}
