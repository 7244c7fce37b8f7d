import { isCredentialName } from "../../base/credential-names.ts";
import { printObject } from "../../base/object-name.ts";
import type { RequestFacts } from "../../base/request-facts.ts";
import type { Candidate, ExplainedGroup, Mismatch } from "../../table/explain-match.ts";
import { type Claim, type Criterion, decidingCriterion } from "../../table/precedence.ts";
import type { FieldMatch, HostPattern, Match } from "../../table/routing-table.ts";
import type { RouteClaim } from "../../translate/claims.ts";
import { hostText } from "../../translate/hosts.ts";
import { escapeText } from "../escape-text.ts";
import type { Authors } from "./authors.ts";
import type { ExplainedCandidate } from "./explanation.ts";

/** A rule that could have answered, before it is known in which file it is. */
export type FoundCandidate = Omit<ExplainedCandidate, "place"> & { readonly claim: RouteClaim | null };

/** What candidates are judged against. */
export type Judging = {
  readonly facts: RequestFacts;
  readonly authors: Authors;
  /** The candidate that answers, with the host of its group; null if none does. */
  readonly winner: { readonly candidate: Candidate; readonly host: HostPattern | null } | null;
};

/** Says of each rule of a host why it answers or does not, those included that lost their match to another. */
export function judgeGroup(group: ExplainedGroup, judging: Judging): readonly FoundCandidate[] {
  const { authors } = judging;
  const claims = group.candidates.map(({ entry }) => authors.claimOf(group.host, entry.rule.name, entry.match));
  const judged = group.candidates.map((candidate, at): FoundCandidate => {
    const claim = claims[at] ?? null;
    return { ...nameOf(candidate, claim), ...judge(candidate, claim, group, judging), claim };
  });
  return [...judged, ...losersOf(group, claims, authors)];
}

/** What a match asks for, on one line; values that may be credentials are hidden. */
export function matchText({ path, headers, queryParams, subprotocols }: Match): string {
  const parts = [
    `${path.type} ${path.value}`,
    ...headers.map((field) => `header ${fieldText(field)}`),
    ...queryParams.map((field) => `query ${fieldText(field)}`),
    ...(subprotocols.length === 0 ? [] : [`subprotocol ${subprotocols.join(" or ")}`]),
  ];
  return escapeText(parts.join(", "), 2_000);
}

function nameOf(
  { entry }: Candidate,
  claim: RouteClaim | null,
): Pick<ExplainedCandidate, "object" | "rule" | "match" | "field"> {
  const { name } = entry.rule;
  return { object: printObject(name), rule: name.rule, match: matchText(entry.match), field: claim?.field ?? null };
}

function judge(
  candidate: Candidate,
  claim: RouteClaim | null,
  { host, searched }: ExplainedGroup,
  { facts, winner, authors }: Judging,
): Pick<ExplainedCandidate, "result" | "because"> {
  if (!searched) return { result: "not searched", because: notSearched(candidate, facts) };
  if (candidate.mismatches.length > 0) return { result: "differs", because: differences(candidate, facts) };
  if (winner === null) return { result: "not searched", because: "the path is too long to be tested on this host" };
  if (winner.candidate === candidate) return { result: "answers", because: "" };
  const { entry } = winner.candidate;
  const first = authors.claimOf(winner.host, entry.rule.name, entry.match);
  // What comes last for every host comes behind what is written for this one.
  const criterion = host === null && winner.host !== null ? "default" : decide(first, claim);
  return { result: "behind", because: `it matches too, but ${precedes(criterion, first, claim)}` };
}

function decide(first: Claim | null, second: Claim | null): Criterion | null {
  return first === null || second === null ? null : decidingCriterion(first, second);
}

function notSearched({ mismatches }: Candidate, facts: RequestFacts): string {
  const why = "only the rules of the most specific host are searched";
  return mismatches.length === 0
    ? `it would match, but ${why}`
    : `${why}; besides, ${differences({ mismatches }, facts)}`;
}

function differences({ mismatches }: Pick<Candidate, "mismatches">, facts: RequestFacts): string {
  return mismatches.map((mismatch) => describe(mismatch, facts)).join(", and ");
}

function describe(mismatch: Mismatch, facts: RequestFacts): string {
  if (mismatch.part === "path") return "its path does not match";
  if (mismatch.part === "subprotocols") return describeOffer(facts);
  const { field, part } = mismatch;
  const name = escapeText(field.name, 200);
  const isThere = part === "header" ? facts.headers.has(field.name) : new URLSearchParams(facts.query).has(field.name);
  const what = part === "header" ? `header ${name}` : `query parameter ${name}`;
  return isThere ? `the ${what} has another value` : `the request has no ${what}`;
}

function describeOffer({ webSocket }: RequestFacts): string {
  if (webSocket === null) return "it is only for WebSockets that offer its subprotocol";
  if (webSocket.subprotocols.length === 0) return "the client offers no subprotocol";
  return "the client offers none of its subprotocols";
}

/** Claims to a match that another object's claim has; no table holds them. */
function losersOf(
  { host, searched }: ExplainedGroup,
  claims: readonly (RouteClaim | null)[],
  authors: Authors,
): readonly FoundCandidate[] {
  const held = new Map(claims.flatMap((claim) => (claim === null ? [] : [[claim.conflictKey, claim] as const])));
  return authors.claimsOn(host).flatMap((claim): readonly FoundCandidate[] => {
    const holder = held.get(claim.conflictKey);
    if (holder === undefined || claims.includes(claim)) return [];
    const winner = `${printObject(holder.object)}, rule ${escapeText(holder.entry.rule.name.rule, 100)}`;
    const because = `its match is that of ${winner}: ${precedes(decide(holder, claim), holder, claim)}`;
    const { object, entry, match, field } = claim;
    const named = { object: printObject(object), rule: entry.rule.name.rule, match: matchText(match), field };
    return [{ ...named, result: searched ? "behind" : "not searched", because, claim }];
  });
}

function precedes(criterion: Criterion | null, first: Claim | null, second: Claim | null): string {
  if (criterion === null || first === null || second === null) return "another comes first";
  return REASONS[criterion](first, second);
}

const REASONS: Readonly<Record<Criterion, (first: Claim, second: Claim) => string>> = {
  default: () => "a default backend comes behind every rule",
  "path type": (first, second) => `${first.match.path.type} comes before ${second.match.path.type}`,
  "path length": (first, second) =>
    `the longer path ${escapeText(first.match.path.value, 200)} comes before ${escapeText(second.match.path.value, 200)}`,
  headers: (first, second) =>
    `more header matches come first (${first.match.headers.length} against ${second.match.headers.length})`,
  "query parameters": (first, second) =>
    `more query parameter matches come first (${first.match.queryParams.length} against ${second.match.queryParams.length})`,
  subprotocols: () => "a match on a subprotocol comes before one on none",
  age: (first, second) => `${printObject(first.object)} is older than ${printObject(second.object)}`,
  name: (first, second) =>
    `neither is older, and ${printObject(first.object)} comes before ${printObject(second.object)} by name`,
  order: () => "it is written behind the one that answers",
};

function fieldText({ type, name, value }: FieldMatch): string {
  const shown = isCredentialName(name) ? "[hidden]" : value;
  return type === "Exact" ? `${name}=${shown}` : `${name} like ${shown}`;
}

/** A host pattern as its author wrote it. */
export function groupText(host: HostPattern | null): string {
  return host === null ? "(default backends of every host)" : hostText(host);
}
