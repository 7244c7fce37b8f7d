import { type Param, readParams } from "../../admin/debug/params.ts";
import { type Flag, type FlagTexts, flag } from "../../config/flags.ts";

/** Whom to ask: the flags of every command that asks a replica. */
export const ADMIN_FLAGS: readonly Flag[] = [
  flag("--admin <URL>", "The admin address of a replica.", "http://127.0.0.1:9090"),
  flag("--token-file <FILE>", "The file with the token that the replica's --admin-token-file holds."),
];

/** Which replica, and the file with its token. */
export type AdminTarget = { readonly url: URL; readonly tokenFile: string | null };

/** A command line that can be asked, or every mistake in it. */
export type ReadQuestion =
  | { readonly ok: true; readonly target: AdminTarget; readonly query: URLSearchParams }
  | { readonly ok: false; readonly errors: readonly string[] };

/** A flag for each parameter of a page. */
export function flagsOfParams(params: readonly Param[]): readonly Flag[] {
  return params.map(({ name, form, meaning, default: usual, values }) => {
    return flag(`--${name} <${form}>`, meaning, usual, values);
  });
}

/** Reads what flagsOfParams and ADMIN_FLAGS offer, by the rules of the page that is to be asked. */
export function readQuestion(flags: FlagTexts, params: readonly Param[]): ReadQuestion {
  const query = new URLSearchParams();
  for (const { key, name, usual } of params.map(keyed)) {
    const text = flags[key];
    // What a replica defaults to need not be asked for: one of another version may not know it.
    if (typeof text === "string" && text !== usual) query.set(name, text);
  }
  const read = readParams(query, params);
  const url = readAdminUrl(String(flags["admin"]));
  const errors = [...(read.ok ? [] : [read.error.replace("parameter ", "--")]), ...(url === null ? [ADMIN_FORM] : [])];
  if (url === null || errors.length > 0) return { ok: false, errors };
  const { tokenFile } = flags;
  return { ok: true, target: { url, tokenFile: typeof tokenFile === "string" ? tokenFile : null }, query };
}

function keyed(param: Param): { readonly key: string; readonly name: string; readonly usual: string | null } {
  const [{ key } = { key: "" }] = flagsOfParams([param]);
  return { key, name: param.name, usual: param.default };
}

const ADMIN_FORM = "--admin: expected http:// or https:// and a host, such as http://127.0.0.1:9090";

/** Anything else than an origin would be ignored: a path, or a password that is a secret on a command line. */
function readAdminUrl(text: string): URL | null {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) return null;
  return url.username + url.password + url.search + url.hash === "" && url.pathname === "/" ? url : null;
}
