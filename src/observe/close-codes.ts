import type { CloseWords } from "../base/endings.ts";

/** The registered codes that stand for themselves (RFC 6455 7.4.1 and IANA's registry of WebSocket close codes). */
const REGISTERED = [
  "1000",
  "1001",
  "1002",
  "1003",
  "1005",
  "1006",
  "1007",
  "1008",
  "1009",
  "1010",
  "1011",
  "1012",
  "1013",
  "1014",
] as const;

/** Close codes as a label: the registered ones, those of libraries and of applications by their class, and what is none. */
export const CLOSE_CODES = [...REGISTERED, "3xxx", "4xxx", "other"] as const;

/** One of CLOSE_CODES. */
export type CloseCode = (typeof CLOSE_CODES)[number];

/** The label of what a Close frame said: 1005 for one without a code and 1006 where there was no frame, as browsers call it. */
export function closeCode(words: CloseWords | null): CloseCode {
  const code = words?.code ?? 1006;
  const registered = REGISTERED.find((known) => known === String(code));
  if (registered !== undefined) return registered;
  if (code >= 3_000 && code < 4_000) return "3xxx";
  return code >= 4_000 && code < 5_000 ? "4xxx" : "other";
}
