import type { Effect, Problem } from "../base/problem.ts";
import type { Certificate, CertificateId, HostTls, TlsVersion } from "../table/certificate-table.ts";
import { addCertificate } from "./certificates.ts";
import { reportTo } from "./findings.ts";
import { compareHosts, hostKey, hostText } from "./hosts.ts";
import { compareAge, refOf } from "./order.ts";
import type { TlsClaim } from "./tls.ts";

/** How hosts are served over TLS, with whom to refuse for it. */
export type ResolvedTls = {
  readonly hosts: readonly HostTls[];
  readonly certificates: ReadonlyMap<CertificateId, Certificate>;
  /** Claims that nothing on their host honours, with the reason: their objects' rules there answer 503. */
  readonly refused: readonly { readonly claim: TlsClaim; readonly detail: string }[];
};

/**
 * Gives each host the settings of the oldest object that has a usable certificate for it. An object that asks for other
 * settings is told whom it lost to; if it asked for a newer TLS version than the host has, its rules there are refused.
 */
export function resolveTls(claims: readonly TlsClaim[], minTlsVersion: TlsVersion, problems: Problem[]): ResolvedTls {
  const hosts: HostTls[] = [];
  const certificates = new Map<CertificateId, Certificate>();
  const refused = claims
    .filter((claim) => claim.certificates.length === 0)
    .map((claim) => ({ claim, detail: `${claim.field}: no certificate for ${hostText(claim.host)} can be used.` }));
  const usable = claims.filter((claim) => claim.certificates.length > 0);
  for (const group of Map.groupBy(usable, (claim) => hostKey(claim.host)).values()) {
    const [winner, ...losers] = group.toSorted((a, b) => compareAge(a.object, b.object));
    if (winner === undefined) continue;
    const settings = settingsOf(winner, minTlsVersion);
    hosts.push(settings);
    for (const certificate of winner.certificates) addCertificate(certificates, certificate);
    for (const loser of losers) {
      const wanted = settingsOf(loser, minTlsVersion);
      if (haveSameSettings(settings, wanted)) continue;
      const isWeaker = settings.minVersion < wanted.minVersion;
      reportLoss(loser, winner, isWeaker ? "refused" : "lost", problems);
      if (isWeaker)
        refused.push({ claim: loser, detail: `${hostText(loser.host)} is served with an older TLS version.` });
    }
  }
  return { hosts: hosts.toSorted((a, b) => compareHosts(a.host, b.host)), certificates, refused };
}

function settingsOf(claim: TlsClaim, minTlsVersion: TlsVersion): HostTls {
  return {
    host: claim.host,
    certificates: claim.certificates.map((certificate) => certificate.id),
    minVersion: claim.minVersion !== null && claim.minVersion > minTlsVersion ? claim.minVersion : minTlsVersion,
  };
}

function haveSameSettings(a: HostTls, b: HostTls): boolean {
  return a.minVersion === b.minVersion && a.certificates.join(",") === b.certificates.join(",");
}

function reportLoss(loser: TlsClaim, winner: TlsClaim, effect: Effect, problems: Problem[]): void {
  const { kind, namespace, name } = refOf(winner.object);
  reportTo(
    problems,
    refOf(loser.object),
  )({
    field: loser.field,
    value: hostText(loser.host),
    reason: "HostnameConflict",
    message: `${hostText(loser.host)} is served with the TLS settings of ${kind} ${namespace}/${name}.`,
    effect,
    rival: { object: refOf(winner.object), field: winner.field },
  });
}
