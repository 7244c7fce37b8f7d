import { ProxyError } from "../../base/failures.ts";
import type { RuleName } from "../../base/report.ts";
import type { RequestFacts } from "../../base/request-facts.ts";
import type { Gate } from "../../policy/policy.ts";
import { findRule, type Matched, type RouteIndex } from "../../table/match.ts";
import type { Forward } from "../../table/routing-table.ts";
import { findOwnHostTls, type HostTlsIndex, mayShareConnection } from "../../table/select-host-tls.ts";
import { findScheme } from "./forwarded-fields.ts";
import { hasEscapedSlash } from "./normalise-path.ts";
import type { TrustedProxies } from "./trusted-proxies.ts";

/** The rule that a request is forwarded by. */
export type Route = {
  readonly name: RuleName;
  readonly forward: Forward;
  /** What a PathPrefix matched, for rewriteTarget. */
  readonly prefix: string | null;
  readonly gates: readonly Gate[];
};

/** The tables of one moment, ready to be searched. */
export type Indexes = { readonly routes: RouteIndex; readonly hostTls: HostTlsIndex };

/** What finding a route depends on beside the tables. */
export type RouteSettings = {
  readonly trustedProxies: TrustedProxies;
  /** The port that clients reach the https listeners by; it is written into redirects unless it is 443. */
  readonly publicHttpsPort: number;
};

const UNMATCHED = {
  NoHost: ["NoRoute", "no rule is for this host"],
  NoRule: ["NoRoute", "no rule of this host matches"],
  UpgradeOnly: ["UpgradeRequired", "only rules with subprotocols match"],
  PathTooLong: ["UriTooLong", "the path is too long to be tested against a pattern"],
} as const;

/**
 * Where a request goes, for upgrades and plain requests alike. `named` is told the rule's name even if it refuses.
 * Throws ProxyError: MisdirectedRequest, NoRoute, UpgradeRequired, UriTooLong, RouteRefused, BadRequest (escaped slashes),
 * or RedirectToHttps with its Location.
 */
export function findRoute(
  facts: RequestFacts,
  indexes: Indexes,
  settings: RouteSettings,
  named: (name: RuleName) => void,
): Route {
  if (facts.arrival.secure && !mayShareConnection(indexes.hostTls, facts.arrival.serverName, facts.host)) {
    throw new ProxyError(
      "MisdirectedRequest",
      `the connection was opened for ${facts.arrival.serverName ?? "no name"}`,
    );
  }
  const { entry, prefix, gates } = requireMatch(facts, indexes.routes);
  const { name, action } = entry.rule;
  named(name);
  if (action.type === "Refuse") throw new ProxyError("RouteRefused", action.detail, [], action.status);
  requireSecure(facts, action, indexes, settings);
  if (action.escapedSlashes === "Reject" && hasEscapedSlash(facts.path)) {
    throw new ProxyError("BadRequest", "this rule refuses escaped slashes in the path");
  }
  return { name, forward: action, prefix, gates };
}

function requireMatch(facts: RequestFacts, routes: RouteIndex): Matched {
  const found = findRule(routes, facts);
  if (found.type === "Matched") return found;
  const [failure, detail] = UNMATCHED[found.type];
  throw new ProxyError(failure, detail);
}

// The client's scheme counts, not ours: behind a trusted proxy that ends TLS a redirect would go round for ever.
function requireSecure(facts: RequestFacts, forward: Forward, indexes: Indexes, settings: RouteSettings): void {
  if (!forward.redirectToHttps || findScheme(facts, settings.trustedProxies) === "https") return;
  if (findOwnHostTls(indexes.hostTls, facts.host) === null) return;
  const port = settings.publicHttpsPort === 443 ? "" : `:${settings.publicHttpsPort}`;
  const location = `https://${facts.host}${port}${facts.path}${facts.query}`;
  throw new ProxyError("RedirectToHttps", "the host is served over https", [["Location", location]]);
}
