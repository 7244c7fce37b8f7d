import { isIP } from "node:net";
import { parseDuration } from "../base/duration.ts";

/** What a flag's text means, or what was expected in its place. */
export type ParsedValue<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly expected: string };

/** Where a server listens. */
export type ListenAddress = { readonly host: string; readonly port: number };

const ADDRESS = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/;
const ADDRESS_FORM = "HOST:PORT, such as 127.0.0.1:8080, [::1]:8080, localhost:8080 or :8080 for every address";

/** Reads HOST:PORT; an empty host is every address of both families, an IPv6 host stands in brackets, port 0 picks a free one. */
export function parseListenAddress(text: string): ParsedValue<ListenAddress> {
  const [, bracketed, plain, digits] = ADDRESS.exec(text) ?? [];
  const port = Number(digits ?? -1);
  const host = bracketed ?? plain ?? "";
  const known = bracketed === undefined ? isHostName(host) : isIP(bracketed) === 6;
  if (digits === undefined || port > 65_535 || !known) return { ok: false, expected: ADDRESS_FORM };
  return { ok: true, value: { host: host === "" ? "::" : host, port } };
}

function isHostName(host: string): boolean {
  return host === "" || isIP(host) === 4 || (/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(host) && !/^[\d.]+$/.test(host));
}

/** Reads one network, such as 10.0.0.0/8, fd00::/8, or a single address. */
export function parseCidr(text: string): ParsedValue<string> {
  const [address = "", length, ...rest] = text.split("/");
  const family = isIP(address);
  const bits = family === 6 ? 128 : 32;
  const prefix = length === undefined ? bits : Number(length);
  const wellFormed = family !== 0 && rest.length === 0 && (length === undefined || /^\d{1,3}$/.test(length));
  if (!wellFormed || prefix > bits) return { ok: false, expected: "a network such as 10.0.0.0/8 or fd00::/8" };
  return { ok: true, value: `${address}/${prefix}` };
}

/** Reads a whole number within bounds. */
export function parseInteger(text: string, min: number, max: number): ParsedValue<number> {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return { ok: true, value };
  return { ok: false, expected: `a whole number from ${min} to ${max}` };
}

/** Reads one of a closed list of words. */
export function parseChoice<const Choice extends string>(
  text: string,
  choices: readonly Choice[],
): ParsedValue<Choice> {
  const value = choices.find((choice) => choice === text);
  return value === undefined ? { ok: false, expected: `one of ${choices.join(", ")}` } : { ok: true, value };
}

/** Reads NAMESPACE/NAME. */
export function parseNamespacedName(text: string): ParsedValue<{ readonly namespace: string; readonly name: string }> {
  const [, namespace, name] = /^([a-z0-9][a-z0-9-]{0,62})\/([a-z0-9][a-z0-9.-]{0,252})$/.exec(text) ?? [];
  if (namespace === undefined || name === undefined) return { ok: false, expected: "NAMESPACE/NAME" };
  return { ok: true, value: { namespace, name } };
}

/** Reads a share: a decimal number from 0 to 1. */
export function parseRatio(text: string): ParsedValue<number> {
  const value = /^[01]?(?:\.\d{1,9})?$/.test(text) && text !== "" ? Number(text) : Number.NaN;
  return value <= 1 ? { ok: true, value } : { ok: false, expected: "a number from 0 to 1, such as 0.05" };
}

const TRACES_PATH = "/v1/traces";

/** Reads the base URL of an OTLP/HTTP collector; gives that of its traces. */
export function parseCollector(text: string): ParsedValue<string> {
  const url = URL.parse(text);
  const bare = url !== null && url.username === "" && url.password === "" && url.search === "" && url.hash === "";
  if (!bare || !/^https?:$/.test(url.protocol)) {
    return {
      ok: false,
      expected: "an http or https URL such as http://collector:4318, without credentials, query or fragment",
    };
  }
  const path = url.pathname.replace(/\/+$/, "");
  url.pathname = path.endsWith(TRACES_PATH) ? path : path + TRACES_PATH;
  return { ok: true, value: url.href };
}

/** Reads a duration of GEP-2257 as whole milliseconds. */
export function parseMs(text: string): ParsedValue<number> {
  const value = parseDuration(text);
  return value === null ? { ok: false, expected: "a duration such as 10s or 1h30m" } : { ok: true, value };
}
