import { RE2JS } from "re2js";
import type { MatchFacts } from "../../src/table/entry-conditions.ts";
import type { Entry, FieldMatch, HostPattern, Match, RoutingTable } from "../../src/table/routing-table.ts";

/** What 03-api says, word by word and without an index: the entry that answers, or why there is none. */
export function searchNaively(table: RoutingTable, facts: MatchFacts): Entry | "NoHost" | "NoRule" | "UpgradeOnly" {
  const group = table.groups
    .filter(({ host }) => covers(host, facts.host))
    .toSorted((left, right) => rank(right.host) - rank(left.host))[0];
  const entries = [...(group?.entries ?? []), ...table.fallback];
  const answer = entries.find(({ match }) => holds(match, facts) && holdsSubprotocol(match, facts));
  if (answer !== undefined) return answer;
  if (facts.webSocket === null && entries.some(({ match }) => holds(match, facts))) return "UpgradeOnly";
  return group === undefined ? "NoHost" : "NoRule";
}

function covers(host: HostPattern, name: string): boolean {
  if (host.type === "any") return true;
  if (host.type === "exact") return host.name === name;
  if (!name.endsWith(`.${host.suffix}`)) return false;
  const label = name.slice(0, -host.suffix.length - 1);
  return label !== "" && !label.startsWith(".") && (host.type === "many-labels" || !label.includes("."));
}

function rank(host: HostPattern): number {
  if (host.type === "any") return 0;
  if (host.type === "exact") return Number.MAX_SAFE_INTEGER;
  return 2 * host.suffix.length + (host.type === "one-label" ? 1 : 0);
}

function holds(match: Match, facts: MatchFacts): boolean {
  const params = new URLSearchParams(facts.query);
  return (
    holdsPath(match, facts.path) &&
    match.headers.every((field) => holdsField(field, facts.headers.get(field.name)?.join(", ") ?? null)) &&
    match.queryParams.every((field) => holdsField(field, params.get(field.name)))
  );
}

function holdsPath({ path: { type, value } }: Match, path: string): boolean {
  if (type === "Exact") return path === value;
  if (type === "RegularExpression") return RE2JS.matches(value, path);
  const wanted = value.replace(/\/$/, "").split("/");
  const elements = path.split("/");
  return wanted.every((element, at) => elements[at] === element);
}

function holdsField(field: FieldMatch, value: string | null): boolean {
  if (value === null) return false;
  return field.type === "Exact" ? value === field.value : RE2JS.matches(field.value, value);
}

function holdsSubprotocol(match: Match, facts: MatchFacts): boolean {
  return (
    match.subprotocols.length === 0 ||
    match.subprotocols.some((name) => facts.webSocket?.subprotocols.includes(name) === true)
  );
}
