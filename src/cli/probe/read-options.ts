import { isIP } from "node:net";
import { readCertificates } from "../../api/tls-secret.ts";
import { parseDuration } from "../../base/duration.ts";
import type { Field } from "../../base/request-facts.ts";
import type { FlagTexts } from "../../config/flags.ts";
import { type ParsedValue, parseInteger, parseListenAddress } from "../../config/parse-values.ts";
import { parseField, parseSubprotocol, readEach, textsOf } from "../parse-fields.ts";
import { parseRequestUrl } from "../request-url.ts";
import type { ProbeOptions } from "./probe-options.ts";

/** The options of a command line, or every mistake in it. */
export type ReadOptions =
  | { readonly ok: true; readonly options: ProbeOptions }
  | { readonly ok: false; readonly errors: readonly string[] };

/** What the flags cannot say themselves: the text of --ca-file, and a message of this run's own. */
export type OptionTexts = { readonly ca: string | null; readonly message: string };

const MAX_MESSAGE_BYTES = 65_536;

/** Reads the URL and the flags of `fairlead probe`. Mistakes never quote what may be a credential. */
export function readOptions(written: string, flags: FlagTexts, texts: OptionTexts): ReadOptions {
  const errors: string[] = [];
  const one = <Value>(flag: string, key: string, parse: (text: string) => ParsedValue<Value>): readonly Value[] =>
    readEach(flag, textsOf(flags, key).slice(0, 1), parse, errors);
  const [url] = readEach("URL", [written], parseRequestUrl, errors);
  const headers = readEach("--header", textsOf(flags, "header"), parseField, errors);
  const origins = one("--origin", "origin", parseOrigin);
  const subprotocols = readEach("--subprotocol", textsOf(flags, "subprotocol"), parseSubprotocol, errors);
  const [pings = 0] = one("--pings", "pings", (text) => parseInteger(text, 0, 1_000));
  const [message = texts.message] = one("--message", "message", parseMessage);
  const [connectTo = null] = one("--connect-to", "connectTo", parseTarget);
  const [serverName = null] = one("--server-name", "serverName", parseName);
  const [timeoutMs = 0] = one("--timeout", "timeout", parseTimeout);
  const [ca = null] = readEach("--ca-file", texts.ca === null ? [] : [texts.ca], parseAuthorities, errors);
  if (url === undefined || errors.length > 0) return { ok: false, errors };
  const read = { url, headers: [...headers, ...origins], subprotocols, pings, connectTo, serverName, timeoutMs, ca };
  return { ok: true, options: { ...read, ...readSwitches(flags, message) } };
}

function readSwitches(flags: FlagTexts, message: string): Pick<ProbeOptions, "message" | "compression" | "insecure"> {
  return {
    message: flags["echo"] === false ? null : message,
    compression: flags["compression"] !== false,
    insecure: flags["insecure"] === true,
  };
}

function parseOrigin(text: string): ParsedValue<Field> {
  const field = parseField(`Origin:${text}`);
  return field.ok ? field : { ok: false, expected: "an Origin such as https://example.com" };
}

function parseMessage(text: string): ParsedValue<string> {
  if (text.isWellFormed() && Buffer.byteLength(text) <= MAX_MESSAGE_BYTES) return { ok: true, value: text };
  return { ok: false, expected: `a text of at most ${MAX_MESSAGE_BYTES} bytes` };
}

function parseTarget(text: string): ParsedValue<{ readonly host: string; readonly port: number }> {
  const parsed = parseListenAddress(text);
  const expected = "HOST:PORT, such as 127.0.0.1:8443 or [::1]:8443";
  if (!parsed.ok || parsed.value.port === 0 || text.startsWith(":")) return { ok: false, expected };
  return parsed;
}

function parseName(text: string): ParsedValue<string> {
  const isName = isIP(text) !== 0 || /^[a-z0-9_]([a-z0-9_.-]{0,251}[a-z0-9_])?$/i.test(text);
  return isName ? { ok: true, value: text.toLowerCase() } : { ok: false, expected: "a DNS name or an IP address" };
}

function parseAuthorities(text: string): ParsedValue<string> {
  const read = readCertificates(text);
  return read.ok ? { ok: true, value: text } : { ok: false, expected: `PEM certificates, and the file ${read.fault}` };
}

function parseTimeout(text: string): ParsedValue<number> {
  const ms = parseDuration(text);
  if (ms !== null && ms >= 1 && ms <= 600_000) return { ok: true, value: ms };
  return { ok: false, expected: "a duration such as 10s, at most 10m" };
}
