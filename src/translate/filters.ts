import type { HeaderModifier, WebSocketRouteFilter, WrittenHeader } from "../api/websocket-route.ts";
import type { HeaderEdits, Rewrite } from "../table/routing-table.ts";
import { faultOfFieldName, isFieldValue } from "./header-fields.ts";
import { isDnsName } from "./hosts.ts";
import { readPath } from "./paths.ts";
import type { RuleScope } from "./rule-scope.ts";

/** What the filters of a rule change. */
export type Changes = {
  readonly rewrite: Rewrite;
  readonly requestHeaders: HeaderEdits;
  readonly responseHeaders: HeaderEdits;
};

const NO_EDITS: HeaderEdits = { set: [], add: [], remove: [] };
const FILTER_TYPES = ["URLRewrite", "RequestHeaderModifier", "ResponseHeaderModifier"];

/** The changes that a rule makes; a filter that cannot be honoured refuses the rule. */
export function translateFilters(scope: RuleScope): Changes {
  const filters = scope.rule.spec.filters ?? [];
  filters.forEach((filter, index) => {
    if (!FILTER_TYPES.includes(filter.type))
      refuse(scope, `filters[${index}].type`, filter.type, "Not a known filter.");
    else if (filters.findIndex((each) => each.type === filter.type) < index) {
      refuse(scope, `filters[${index}].type`, filter.type, "A rule may have one filter of each type.");
    }
  });
  return {
    rewrite: rewriteOf(scope, findFilter(filters, "URLRewrite")),
    requestHeaders: editsOf(scope, findFilter(filters, "RequestHeaderModifier"), "requestHeaderModifier"),
    responseHeaders: editsOf(scope, findFilter(filters, "ResponseHeaderModifier"), "responseHeaderModifier"),
  };
}

type Found = { readonly filter: WebSocketRouteFilter; readonly field: string } | null;

function findFilter(filters: readonly WebSocketRouteFilter[], type: WebSocketRouteFilter["type"]): Found {
  const index = filters.findIndex((each) => each.type === type);
  const filter = filters[index];
  return filter === undefined ? null : { filter, field: `filters[${index}]` };
}

function rewriteOf(scope: RuleScope, found: Found): Rewrite {
  const written = found?.filter.urlRewrite;
  if (found === null || written === undefined) return { hostname: null, path: null };
  const field = `${found.field}.urlRewrite`;
  if (written.hostname !== undefined && !isDnsName(written.hostname)) {
    refuse(scope, `${field}.hostname`, written.hostname, "Expected a DNS name in lower case.");
  }
  return { hostname: written.hostname ?? null, path: pathRewriteOf(scope, written.path, `${field}.path`) };
}

type WrittenPath = NonNullable<NonNullable<WebSocketRouteFilter["urlRewrite"]>["path"]>;

function pathRewriteOf(scope: RuleScope, written: WrittenPath | undefined, field: string): Rewrite["path"] {
  if (written === undefined) return null;
  const isPrefix = written.type === "ReplacePrefixMatch";
  const member = isPrefix ? "replacePrefixMatch" : "replaceFullPath";
  const value = written[member] ?? "";
  const read = readPath(isPrefix && value === "" ? "/" : value);
  if (!read.ok) {
    refuse(scope, `${field}.${member}`, value, `Expected ${read.expected}.`);
    return null;
  }
  if (isPrefix && !matchesPrefixesOnly(scope)) {
    refuse(scope, `${field}.${member}`, value, "ReplacePrefixMatch needs every match of the rule to be a PathPrefix.");
  }
  return { type: isPrefix ? "ReplacePrefixMatch" : "ReplaceFullPath", value: read.path };
}

function matchesPrefixesOnly(scope: RuleScope): boolean {
  return (scope.rule.spec.matches ?? []).every((match) => (match.path?.type ?? "PathPrefix") === "PathPrefix");
}

function editsOf(
  scope: RuleScope,
  found: Found,
  member: "requestHeaderModifier" | "responseHeaderModifier",
): HeaderEdits {
  const written: HeaderModifier | undefined = found?.filter[member];
  if (found === null || written === undefined) return NO_EDITS;
  const field = `${found.field}.${member}`;
  (written.remove ?? []).forEach((name, index) => checkName(scope, `${field}.remove[${index}]`, name));
  return {
    set: fieldsOf(scope, `${field}.set`, written.set ?? []),
    add: fieldsOf(scope, `${field}.add`, written.add ?? []),
    remove: written.remove ?? [],
  };
}

function fieldsOf(
  scope: RuleScope,
  field: string,
  written: readonly WrittenHeader[],
): readonly (readonly [string, string])[] {
  return written.map(({ name, value }, index) => {
    checkName(scope, `${field}[${index}].name`, name);
    if (!isFieldValue(value)) {
      const expected = "Expected visible ASCII, with spaces and tabs inside only, of at most 4096 characters.";
      refuse(scope, `${field}[${index}].value`, value, expected);
    }
    return [name, value];
  });
}

function checkName(scope: RuleScope, field: string, name: string): void {
  const fault = faultOfFieldName(name);
  if (fault !== null) refuse(scope, field, name, `This name ${fault}.`);
}

function refuse(scope: RuleScope, field: string, value: string, message: string): void {
  scope.refuse({ field, value, reason: "UnsupportedValue", message });
}
