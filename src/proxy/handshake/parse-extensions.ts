import { isToken } from "../../base/field-names.ts";

// Real offers have some hundred characters; taking longer ones apart is work that nobody honest asks for.
const MAX_LENGTH = 4_096;

/**
 * The extension names of a Sec-WebSocket-Extensions field (RFC 6455 9.1), in lower case and in order; null if any element
 * is malformed or all are longer than 4 096 characters. Parameters are checked for form and otherwise left to the two ends.
 */
export function parseExtensions(values: readonly string[]): readonly string[] | null {
  if (values.reduce((sum, value) => sum + value.length, 0) > MAX_LENGTH) return null;
  const names: string[] = [];
  for (const element of values.flatMap((value) => splitUnquoted(value, ","))) {
    if (element.trim() === "") continue;
    const [name = "", ...parameters] = splitUnquoted(element, ";").map((part) => part.trim());
    if (!isToken(name) || !parameters.every(isParameter)) return null;
    names.push(name.toLowerCase());
  }
  return names;
}

function isParameter(text: string): boolean {
  const equals = text.indexOf("=");
  if (equals === -1) return isToken(text);
  const value = text.slice(equals + 1).trim();
  // A quoted value must be a token once its quotes are taken away (RFC 6455 9.1).
  const bare = /^"(.*)"$/.exec(value)?.[1]?.replaceAll(/\\(.)/g, "$1") ?? value;
  return isToken(text.slice(0, equals).trim()) && isToken(bare);
}

function splitUnquoted(text: string, separator: string): readonly string[] {
  const parts: string[] = [];
  let from = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (quoted && character === "\\") at += 1;
    else if (character === '"') quoted = !quoted;
    else if (character === separator && !quoted) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  parts.push(text.slice(from));
  return parts;
}
