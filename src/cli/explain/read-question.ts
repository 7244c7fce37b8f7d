import { isIP } from "node:net";
import { isToken } from "../../base/field-names.ts";
import type { Field } from "../../base/request-facts.ts";
import type { FlagTexts } from "../../config/flags.ts";
import type { ParsedValue } from "../../config/parse-values.ts";
import { normaliseServerName } from "../../proxy/listen/client-hello.ts";
import { parseField, parseSubprotocol, readEach, textsOf } from "../parse-fields.ts";
import { parseRequestUrl } from "../request-url.ts";
import { type Question, usualServerName } from "./ask.ts";

/** The question of a command line, or every mistake in it. */
export type ReadQuestion =
  | { readonly ok: true; readonly question: Question }
  | { readonly ok: false; readonly errors: readonly string[] };

/** Reads the URL and the flags of `fairlead explain` that describe the request. */
export function readQuestion(written: string, flags: FlagTexts): ReadQuestion {
  const errors: string[] = [];
  const [url] = readEach("URL", [written], parseRequestUrl, errors);
  const headers = readEach("--header", textsOf(flags, "header"), parseField, errors);
  const origins = readEach("--origin", textsOf(flags, "origin"), parseOrigin, errors);
  const subprotocols = readEach("--subprotocol", textsOf(flags, "subprotocol"), parseSubprotocol, errors);
  const [method = "GET"] = readEach("--method", textsOf(flags, "method"), parseMethod, errors);
  const [clientAddress = "192.0.2.1"] = readEach("--client-address", textsOf(flags, "clientAddress"), parseIp, errors);
  const [serverName] = readEach("--server-name", textsOf(flags, "serverName"), parseServerName, errors);
  if (url === undefined || errors.length > 0) return { ok: false, errors };
  const question: Question = {
    url,
    method,
    headers: [...headers, ...origins],
    subprotocols,
    clientAddress,
    serverName: serverName ?? usualServerName(url),
  };
  return { ok: true, question };
}

function parseOrigin(text: string): ParsedValue<Field> {
  const field = parseField(`Origin: ${text}`);
  return field.ok ? field : { ok: false, expected: "an Origin such as https://www.example.com" };
}

function parseServerName(text: string): ParsedValue<string> {
  const ok = /^[a-z0-9_]([a-z0-9_.-]{0,252})$/i.test(text);
  return ok ? { ok, value: normaliseServerName(text) } : { ok, expected: "a host name such as chat.example.com" };
}

function parseMethod(text: string): ParsedValue<string> {
  return isToken(text) ? { ok: true, value: text } : { ok: false, expected: "a method such as GET or POST" };
}

function parseIp(text: string): ParsedValue<string> {
  return isIP(text) === 0 ? { ok: false, expected: "an IP address" } : { ok: true, value: text };
}
