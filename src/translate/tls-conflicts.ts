import { isDeepStrictEqual } from "node:util";
import type { Effect, Problem } from "../base/problem.ts";
import { haveSameItems } from "../base/same-items.ts";
import { visit, type Work } from "../base/work.ts";
import type { HostTls, TlsVersion } from "../table/certificate-table.ts";
import { reportTo } from "./findings.ts";
import { hostKey, hostText } from "./hosts.ts";
import { compareAge, type Dated, refOf } from "./order.ts";
import type { TlsClaim } from "./tls.ts";

/** How one host is served over TLS, with whom to refuse for it. */
export type TlsGroup = {
  readonly claims: readonly TlsClaim[];
  /** Whose settings the host has; null if nobody's can be used. */
  readonly winner: TlsClaim | null;
  readonly settings: HostTls | null;
  readonly refusals: readonly TlsRefusal[];
  readonly problems: readonly Problem[];
};

/** A claim that nothing on its host honours: its object's rules there answer 503. */
export type TlsRefusal = { readonly claim: TlsClaim; readonly detail: string };

/** TLS groups by hostKey. */
export type TlsGroups = ReadonlyMap<string, TlsGroup>;

const GROUPS_PER_STEP = 64;

/** Settles each host whose claims are not the very same as before. */
export function* resolveTls(claims: Iterable<TlsClaim>, minTlsVersion: TlsVersion, before: TlsGroups): Work<TlsGroups> {
  const byHost = new Map<string, TlsClaim[]>();
  yield* visit(claims, (claim) => {
    const key = hostKey(claim.host);
    const group = byHost.get(key);
    if (group === undefined) byHost.set(key, [claim]);
    else group.push(claim);
  });
  const groups = new Map<string, TlsGroup>();
  for (const [key, group] of byHost) {
    const known = before.get(key);
    const isSame = known !== undefined && haveSameItems(known.claims, group);
    groups.set(key, isSame ? known : yield* resolveHostTls(group, minTlsVersion, known?.settings ?? null));
    if (groups.size % GROUPS_PER_STEP === 0) yield;
  }
  return groups;
}

/** What is refused, by the object that asked, in the order in which it asks. */
export function refusalsByObject(groups: TlsGroups): ReadonlyMap<Dated, readonly TlsRefusal[]> {
  const refusals = [...groups.values()].flatMap((group) => group.refusals);
  return Map.groupBy(
    refusals.toSorted((a, b) => a.claim.position - b.claim.position),
    ({ claim }) => claim.object,
  );
}

/**
 * Gives a host the settings of the oldest object that has a usable certificate for it. An object that asks for other
 * settings is told whom it lost to; if it asked for a newer TLS version than the host has, its rules there are refused.
 */
function* resolveHostTls(
  claims: readonly TlsClaim[],
  minTlsVersion: TlsVersion,
  settingsBefore: HostTls | null,
): Work<TlsGroup> {
  const problems: Problem[] = [];
  const refusals: TlsRefusal[] = [];
  const winner = yield* findWinner(claims);
  const wanted = winner === null ? null : settingsOf(winner, minTlsVersion);
  const settings = isDeepStrictEqual(wanted, settingsBefore) ? settingsBefore : wanted;
  yield* visit(claims, (claim) => {
    if (winner === null || settings === null || claim.certificates.length === 0) {
      refusals.push({ claim, detail: `${claim.field}: no certificate for ${hostText(claim.host)} can be used.` });
      return;
    }
    const own = settingsOf(claim, minTlsVersion);
    if (haveSameSettings(settings, own)) return;
    const isWeaker = settings.minVersion < own.minVersion;
    reportLoss(claim, winner, isWeaker ? "refused" : "lost", problems);
    if (isWeaker) refusals.push({ claim, detail: `${hostText(claim.host)} is served with an older TLS version.` });
  });
  return { claims, winner, settings, refusals, problems };
}

function* findWinner(claims: readonly TlsClaim[]): Work<TlsClaim | null> {
  let winner: TlsClaim | null = null;
  yield* visit(claims, (claim) => {
    if (claim.certificates.length > 0 && (winner === null || compareTlsClaims(claim, winner) < 0)) winner = claim;
  });
  return winner;
}

function compareTlsClaims(a: TlsClaim, b: TlsClaim): number {
  return compareAge(a.object, b.object) || a.position - b.position;
}

function settingsOf(claim: TlsClaim, minTlsVersion: TlsVersion): HostTls {
  return {
    host: claim.host,
    certificates: claim.certificates.map((certificate) => certificate.id),
    minVersion: claim.minVersion !== null && claim.minVersion > minTlsVersion ? claim.minVersion : minTlsVersion,
  };
}

function haveSameSettings(a: HostTls, b: HostTls): boolean {
  return a.minVersion === b.minVersion && haveSameItems(a.certificates, b.certificates);
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
