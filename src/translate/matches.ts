import type { WebSocketRouteMatch, WrittenFieldMatch } from "../api/websocket-route.ts";
import { readPattern } from "../table/pattern.ts";
import { trimPrefix } from "../table/precedence.ts";
import type { FieldMatch, Match, PathMatch } from "../table/routing-table.ts";
import { isMatchedField, isToken, MATCHED_FIELD } from "./header-fields.ts";
import { readPath } from "./paths.ts";
import type { RuleScope } from "./rule-scope.ts";

/** A match of a rule. If it is not readable, nobody can know which requests its author meant. */
export type ReadMatch = {
  readonly match: Match;
  readonly readable: boolean;
  /** False if not even the path is readable; `match.path` is then only good for ordering. */
  readonly pathReadable: boolean;
  /** Relative to the rule. */
  readonly field: string;
};

const EVERYTHING: readonly WebSocketRouteMatch[] = [{ path: { type: "PathPrefix", value: "/" } }];
const MAX_VALUE_LENGTH = 1024;

/** The matches of a rule in list order; a rule without any matches every path. */
export function translateMatches(scope: RuleScope): readonly ReadMatch[] {
  const written = scope.rule.spec.matches ?? [];
  return (written.length === 0 ? EVERYTHING : written).map((match, index) =>
    translateMatch(scope, match, `matches[${index}]`),
  );
}

function translateMatch(scope: RuleScope, written: WebSocketRouteMatch, field: string): ReadMatch {
  const path = pathOf(scope, written.path ?? {}, `${field}.path`);
  const headers = (written.headers ?? []).map((each, index) => headerOf(scope, each, `${field}.headers[${index}]`));
  const queryParams = (written.queryParams ?? []).map((each, index) =>
    fieldOf(scope, each, `${field}.queryParams[${index}]`),
  );
  const subprotocols = written.subprotocols ?? [];
  const offered = subprotocols.map((name, index) => checkToken(scope, `${field}.subprotocols[${index}]`, name));
  const conditionsReadable = [...headers, ...queryParams].every((each) => each.readable) && offered.every(Boolean);
  return {
    match: {
      path: path.match,
      headers: headers.map((each) => each.match),
      queryParams: queryParams.map((each) => each.match),
      subprotocols,
    },
    readable: path.readable && conditionsReadable,
    pathReadable: path.readable,
    field,
  };
}

type WrittenPath = NonNullable<WebSocketRouteMatch["path"]>;

type Checked<Kind> = { readonly match: Kind; readonly readable: boolean };

function pathOf(scope: RuleScope, written: WrittenPath, field: string): Checked<PathMatch> {
  const type = written.type ?? "PathPrefix";
  const value = written.value ?? "/";
  if (type === "RegularExpression") {
    return { match: { type, value }, readable: checkPattern(scope, `${field}.value`, value) };
  }
  const read = readPath(value);
  if (!read.ok) {
    report(scope, `${field}.value`, value, `Expected ${read.expected}.`);
    return { match: { type, value }, readable: false };
  }
  const path = type === "PathPrefix" ? trimPrefix(read.path) || "/" : read.path;
  return { match: { type, value: path }, readable: true };
}

function headerOf(scope: RuleScope, written: WrittenFieldMatch, field: string): Checked<FieldMatch> {
  const { match, readable } = fieldOf(scope, written, field);
  const named = checkFieldName(scope, `${field}.name`, written.name);
  return { match: { ...match, name: match.name.toLowerCase() }, readable: readable && named };
}

function fieldOf(scope: RuleScope, written: WrittenFieldMatch, field: string): Checked<FieldMatch> {
  const { name, value } = written;
  const type = written.type ?? "Exact";
  const match = { type, name, value };
  if (type === "RegularExpression") return { match, readable: checkPattern(scope, `${field}.value`, value) };
  if (name.length > 0 && name.length <= MAX_VALUE_LENGTH && value.length <= MAX_VALUE_LENGTH) {
    return { match, readable: true };
  }
  report(scope, field, value, `Expected a name and a value of at most ${MAX_VALUE_LENGTH} characters.`);
  return { match, readable: false };
}

function checkFieldName(scope: RuleScope, field: string, name: string): boolean {
  if (isMatchedField(name)) return true;
  report(scope, field, name, `Expected ${MATCHED_FIELD}.`);
  return false;
}

function checkToken(scope: RuleScope, field: string, name: string): boolean {
  if (isToken(name)) return true;
  report(scope, field, name, "Expected a token (RFC 9110 5.6.2).");
  return false;
}

function checkPattern(scope: RuleScope, field: string, pattern: string): boolean {
  const read = readPattern(pattern);
  if (read.ok) return true;
  const message = `Expected ${read.expected}.`;
  scope.report({ field, value: pattern, reason: "InvalidRegularExpression", message });
  return false;
}

function report(scope: RuleScope, field: string, value: string, message: string): void {
  scope.report({ field, value, reason: "UnsupportedValue", message });
}
