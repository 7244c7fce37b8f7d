import type { ParsedValue } from "../../config/parse-values.ts";
import { choice, count, filter, type Param } from "./params.ts";

/** What /debug/table can show. */
export const TABLE_PARTS = ["routing", "endpoints", "certificates"] as const;
const MAX_LIMIT = 5_000;

/** The query of /debug/table, apart from the page: commands have a flag for each, and are to be quick. */
export const TABLE_PARAMS: readonly Param[] = [
  choice(
    "part",
    TABLE_PARTS,
    "`routing`: ways to rules; `endpoints`: Service ports and their endpoints; `certificates`: hosts and their certificates.",
    "routing",
  ),
  filter(
    "host",
    "HOST",
    "Only what decides about this host name; a pattern as the table prints it names its own.",
    parseHost,
  ),
  count("limit", `How many items to show, at most ${MAX_LIMIT}.`, { usual: 100, least: 1, most: MAX_LIMIT }),
  count("offset", "How many items to leave out before them.", { usual: 0, least: 0, most: 1_000_000 }),
];

function parseHost(text: string): ParsedValue<string> {
  const ok = /^(?:\*{1,2}\.)?[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$|^\*$/i.test(text);
  return ok ? { ok, value: text.toLowerCase() } : { ok, expected: "a host name, or a pattern such as *.example.com" };
}
