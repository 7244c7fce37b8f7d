import type { RequestFacts } from "../../base/request-facts.ts";
import type { Rewrite } from "../../table/routing-table.ts";

/**
 * The target in origin form that the backend is asked for: the normalised path, rewritten as the rule says, and the query
 * as the client wrote it. `prefix` is what a PathPrefix matched, by path element (Gateway API HTTPRoute); null, under any
 * other kind of match, leaves ReplacePrefixMatch without effect.
 */
export function rewriteTarget(facts: RequestFacts, prefix: string | null, rewrite: Rewrite): string {
  return rewritePath(facts.path, prefix, rewrite.path) + facts.query;
}

function rewritePath(path: string, prefix: string | null, rewrite: Rewrite["path"]): string {
  if (rewrite === null) return path;
  if (rewrite.type === "ReplaceFullPath") return rooted(rewrite.value);
  if (prefix === null) return path;
  return rooted(rewrite.value.replace(/\/+$/, "") + path.slice(prefix.length));
}

function rooted(path: string): string {
  return path.startsWith("/") ? path : `/${path}`;
}
