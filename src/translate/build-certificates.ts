import { compareText } from "../base/compare-text.ts";
import type { Secret } from "../base/secret.ts";
import { sortInSteps } from "../base/sort-in-steps.ts";
import { visit, type Work } from "../base/work.ts";
import type { Certificate, CertificateId, CertificateTable, HostTls, TlsVersion } from "../table/certificate-table.ts";
import { addCertificate } from "./certificates.ts";
import { ANY_HOST, compareHosts } from "./hosts.ts";
import type { TlsGroups } from "./tls-conflicts.ts";

/** What serves names that no object has settings for, and the keys of session tickets. */
export type CertificateDefaults = {
  readonly defaultCertificate: Certificate | null;
  readonly minTlsVersion: TlsVersion;
  readonly ticketKeys: Secret | null;
};

/** Writes the certificate table; the answer is `before` itself if nothing has changed. */
export function* buildCertificates(
  groups: TlsGroups,
  { defaultCertificate, minTlsVersion, ticketKeys }: CertificateDefaults,
  before: CertificateTable,
): Work<CertificateTable> {
  const settings: HostTls[] = [];
  const certificates = new Map<CertificateId, Certificate>();
  yield* visit(groups.values(), (group) => {
    if (group.settings !== null) settings.push(group.settings);
    for (const certificate of group.winner?.certificates ?? []) addCertificate(certificates, certificate);
  });
  if (defaultCertificate !== null) addCertificate(certificates, defaultCertificate);
  const hosts = yield* sortInSteps(settings, (a, b) => compareHosts(a.host, b.host), before.hosts);
  const isSame =
    before.hosts === hosts &&
    before.fallback?.certificates[0] === defaultCertificate?.id &&
    haveEqualKeys(before.ticketKeys, ticketKeys) &&
    (yield* areSame(certificates, before.certificates));
  if (isSame) return before;
  const ids = yield* sortInSteps(certificates.keys(), compareText, [...before.certificates.keys()]);
  const sorted = new Map<CertificateId, Certificate>();
  yield* visit(ids, (id) => {
    const certificate = certificates.get(id);
    if (certificate !== undefined) sorted.set(id, certificate);
  });
  return { certificates: sorted, hosts, fallback: fallbackOf(defaultCertificate, minTlsVersion), ticketKeys };
}

function fallbackOf(certificate: Certificate | null, minVersion: TlsVersion): HostTls | null {
  return certificate === null ? null : { host: ANY_HOST, certificates: [certificate.id], minVersion };
}

type Certificates = ReadonlyMap<CertificateId, Certificate>;

/** Ids are hashes of chain and key: beside them only the name of the Secret may differ. */
function* areSame(certificates: Certificates, before: Certificates): Work<boolean> {
  let isSame = certificates.size === before.size;
  yield* visit(certificates.values(), ({ id, secret }) => {
    isSame &&= before.get(id)?.secret === secret;
  });
  return isSame;
}

function haveEqualKeys(before: Secret | null, after: Secret | null): boolean {
  return before === null || after === null ? before === after : before.equals(after);
}
