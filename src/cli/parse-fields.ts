import { isToken } from "../base/field-names.ts";
import type { Field } from "../base/request-facts.ts";
import type { FlagTexts } from "../config/flags.ts";
import type { ParsedValue } from "../config/parse-values.ts";

const EXPECTED = "'Name: value', the name a token (RFC 9110 5.1), the value without control characters";

/** Reads a header field as curl's -H takes it: `Name: value`; the value may be empty. The error never quotes the value. */
export function parseField(text: string): ParsedValue<Field> {
  const colon = text.indexOf(":");
  const name = text.slice(0, Math.max(0, colon));
  const value = text.slice(colon + 1).trim();
  if (!isToken(name) || !/^[\t\u0020-\u007e\u0080-\u00ff]*$/.test(value)) return { ok: false, expected: EXPECTED };
  return { ok: true, value: [name, value] };
}

/** Reads the name of a subprotocol, a token (RFC 6455 4.1). */
export function parseSubprotocol(text: string): ParsedValue<string> {
  if (isToken(text)) return { ok: true, value: text };
  return { ok: false, expected: "the name of a subprotocol, such as graphql-transport-ws" };
}

/** The texts of a flag that may be given several times. */
export function textsOf(flags: FlagTexts, key: string): readonly string[] {
  return [flags[key] ?? []].flat().filter((text) => typeof text === "string");
}

/** Reads each text; the error of one that cannot be read names the flag, and the text only if `quote` says that it is no secret. */
export function readEach<Value>(
  flag: string,
  texts: readonly string[],
  parse: (text: string) => ParsedValue<Value>,
  errors: string[],
): readonly Value[] {
  return texts.flatMap((text) => {
    const parsed = parse(text);
    if (parsed.ok) return [parsed.value];
    errors.push(`${flag}: expected ${parsed.expected}`);
    return [];
  });
}
