const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * Foreign text that a terminal may be given: on one line, at most `length` characters of it, and with every character
 * escaped that a terminal obeys (C0 and C1 controls) or that makes other text look like what it is not (bidirectional
 * controls, invisible ones).
 */
export function escapeText(text: string, length: number): string {
  const cut = text.length > length ? `${text.slice(0, length)}... (${text.length - length} more characters)` : text;
  return cut.replaceAll(UNPRINTABLE, escapeCharacter);
}

function escapeCharacter(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
