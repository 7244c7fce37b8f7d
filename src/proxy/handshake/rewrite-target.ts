import type { RequestFacts } from "../../base/request-facts.ts";
import type { PathMatch, Rewrite } from "../../table/routing-table.ts";

/**
 * The target in origin form that the backend is asked for: the normalised path, rewritten as the rule says, and the query
 * as the client wrote it. ReplacePrefixMatch replaces what a PathPrefix matched, by path element (Gateway API HTTPRoute);
 * under any other kind of match it replaces nothing.
 */
export function rewriteTarget(facts: RequestFacts, match: PathMatch, rewrite: Rewrite): string {
  return rewritePath(facts.path, match, rewrite.path) + facts.query;
}

function rewritePath(path: string, match: PathMatch, rewrite: Rewrite["path"]): string {
  if (rewrite === null) return path;
  if (rewrite.type === "ReplaceFullPath") return rooted(rewrite.value);
  if (match.type !== "PathPrefix") return path;
  const prefix = match.value.replace(/\/+$/, "");
  const rest = path.slice(prefix.length);
  const replacement = rewrite.value.replace(/\/+$/, "");
  return rooted(replacement + (rest === "" || rest.startsWith("/") ? rest : `/${rest}`));
}

function rooted(path: string): string {
  return path.startsWith("/") ? path : `/${path}`;
}
