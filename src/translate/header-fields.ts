import { isEditableField, isToken as isTokenOfAnyLength } from "../base/field-names.ts";

const VALUE = /^[!-~](?:[\t -~]*[!-~])?$/u;
const MAX_NAME_LENGTH = 256;
const MAX_VALUE_LENGTH = 4096;

/** True of a token (RFC 9110 5.6.2) of bounded length: a field name, or a subprotocol (RFC 6455 11.3.4). */
export function isToken(text: string): boolean {
  return text.length <= MAX_NAME_LENGTH && isTokenOfAnyLength(text);
}

/** What isMatchedField expects, in words. */
export const MATCHED_FIELD = "a header field name without underscore (no field with one is taken from a client)";

/** True of a field name that a match can be about: the proxy drops names with an underscore, so that such a match never holds. */
export function isMatchedField(name: string): boolean {
  return isToken(name) && !name.includes("_");
}

/** Says what is wrong with the name of a field that a rule wants to change, or null. */
export function faultOfFieldName(name: string): string | null {
  if (!isToken(name)) return "is not a header field name";
  if (!isEditableField(name)) return "frames the message or the handshake, and may not be changed";
  return null;
}

/** True of a field value in visible ASCII, with spaces and tabs inside only, of at most 4096 characters. */
export function isFieldValue(value: string): boolean {
  return value.length <= MAX_VALUE_LENGTH && VALUE.test(value);
}
