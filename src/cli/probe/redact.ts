import { isCredentialName } from "../../base/credential-names.ts";
import type { Field } from "../../base/request-facts.ts";
import { escapeText } from "../escape-text.ts";

/** Makes texts of a probe safe to print. */
export type Redact = {
  /** A foreign text: on one line, cut, without what a terminal obeys and without the credentials that the probe was given. */
  readonly text: (text: string, length: number) => string;
  /** `Name: value`, the value hidden if the name says that it is a credential. */
  readonly field: (field: Field) => string;
};

const HIDDEN = "[hidden]";
const MAX_VALUE = 1_000;

/** Shorter ones would be found in text that is no secret. */
const MIN_SECRET = 4;

/** The longest name of a subprotocol that is shown: some clients smuggle tokens in as one. */
const LONGEST_SUBPROTOCOL = 64;

/** `fields` and `target` are what the probe sends: credentials among them may come back in answers. */
export function createRedact(fields: readonly Field[], target: string): Redact {
  const secrets = [...fields.flatMap(secretsOf), ...secretsOfQuery(target)]
    .filter((secret) => secret.length >= MIN_SECRET)
    .toSorted((a, b) => b.length - a.length);
  const scrub = (text: string): string => secrets.reduce((rest, secret) => rest.replaceAll(secret, HIDDEN), text);
  const text = (foreign: string, length: number): string => escapeText(scrub(foreign), length);
  return {
    text,
    field: ([name, value]) => `${text(name, 200)}: ${text(showValue(name.toLowerCase(), value), MAX_VALUE)}`,
  };
}

/** A target without its query, which may hold tokens. */
export function withoutQuery(target: string): string {
  return target.replace(/\?.*$/s, `?${HIDDEN}`);
}

function showValue(name: string, value: string): string {
  if (isCredentialName(name)) return HIDDEN;
  if (name === "location") return withoutQuery(value);
  if (name !== "sec-websocket-protocol") return value;
  const shown = value.split(",").map((each) => (each.trim().length > LONGEST_SUBPROTOCOL ? HIDDEN : each.trim()));
  return shown.join(", ");
}

function secretsOf([name, value]: Field): readonly string[] {
  if (name.toLowerCase() === "sec-websocket-protocol") {
    return value.split(",").flatMap((each) => (each.trim().length > LONGEST_SUBPROTOCOL ? [each.trim()] : []));
  }
  if (!isCredentialName(name)) return [];
  // An answer may repeat the token without its scheme, or one cookie of several.
  return [value, ...value.split(/[\s;,=]+/)];
}

function secretsOfQuery(target: string): readonly string[] {
  const [, query = ""] = /\?(.*)$/s.exec(target) ?? [];
  const values = [...new URLSearchParams(query).values()];
  return query === "" ? [] : [query, ...values, ...values.map(encodeURIComponent)];
}
