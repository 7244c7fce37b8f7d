import { DEBUG_PAGES } from "../../src/admin/debug/debug-pages.ts";
import { expose } from "./sentinels.ts";

/** An answer of a page under /debug. */
export type DebugReply = {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: Readonly<Record<string, unknown>>;
};

/** One row of a list in an answer. */
export type DebugRow = Readonly<Record<string, unknown>>;

/** Asks the admin address; the answer must be JSON. */
export async function askDebug(port: number, path: string, init: RequestInit = {}): Promise<DebugReply> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, init);
  const text = await response.text();
  expose(`${init.method ?? "GET"} ${path}`).add(text);
  const json = JSON.parse(text) as DebugReply["json"];
  return { status: response.status, headers: response.headers, text, json };
}

/** The rows of a list in an answer. */
export function rowsIn({ json }: DebugReply, list: string): readonly DebugRow[] {
  return json[list] as readonly DebugRow[];
}

/** The members that the reference promises, `list[].member` as it writes them, and those that an answer has. */
export function membersOf(page: string, reply: DebugReply): { readonly promised: unknown; readonly found: unknown } {
  const all = Object.keys(DEBUG_PAGES.find(({ method, path }) => `${method} ${path}` === page)?.answers ?? {});
  // A list is told of beside its members.
  const promised = all.filter((name) => !all.some((other) => other.startsWith(`${name}[].`)));
  const found = Object.entries(reply.json).flatMap(([name, value]) => {
    if (!Array.isArray(value)) return memberNames(name, value, promised);
    return [...new Set(value.flatMap((row: object) => Object.keys(row).map((key) => `${name}[].${key}`)))];
  });
  return { promised: promised.toSorted(), found: found.toSorted() };
}

/** An object is told whole, or member by member. */
function memberNames(name: string, value: unknown, promised: readonly string[]): readonly string[] {
  if (promised.includes(name) || typeof value !== "object" || value === null) return [name];
  return Object.keys(value).map((key) => `${name}.${key}`);
}
