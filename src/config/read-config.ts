import {
  ACCESS_LOGS,
  type FlagTexts,
  LOG_FORMATS,
  LOG_LEVELS,
  SECRET_ACCESSES,
  SERVE_FLAGS,
  TLS_VERSIONS,
} from "./flags.ts";
import {
  type ListenAddress,
  type ParsedValue,
  parseChoice,
  parseCidr,
  parseCollector,
  parseInteger,
  parseListenAddress,
  parseMs,
  parseNamespacedName,
  parseRatio,
} from "./parse-values.ts";

/** Everything that `fairlead serve` was told, read once at start and frozen. */
export type Config = {
  /** Null where a cluster is read. */
  readonly manifests: string | null;
  readonly kubeconfig: string | null;
  readonly context: string | null;
  /** Empty for the whole cluster. */
  readonly watchNamespaces: readonly string[];
  readonly secretAccess: (typeof SECRET_ACCESSES)[number];
  readonly httpAddresses: readonly ListenAddress[];
  readonly httpsAddresses: readonly ListenAddress[];
  readonly publicHttpsPort: number;
  readonly adminAddress: ListenAddress;
  readonly adminTokenFile: string | null;
  readonly ingressClasses: readonly string[];
  readonly controllerName: string;
  readonly defaultCertificate: { readonly namespace: string; readonly name: string } | null;
  readonly tlsMinVersion: "TLSv1.2" | "TLSv1.3";
  /** In OpenSSL's names; null for the built-in list. */
  readonly tlsCiphers: readonly string[] | null;
  readonly tlsTicketKeys: { readonly namespace: string; readonly name: string } | null;
  readonly trustedProxies: readonly string[];
  readonly maxHeaderBytes: number;
  readonly maxConnections: number | "auto";
  /** 0 is no limit. */
  readonly maxConnectionsPerClient: number;
  /** 0 is no limit. */
  readonly maxHandshakesPerSecond: number;
  readonly maxPendingRequests: number | "auto";
  readonly maxTlsHandshakes: number | "auto";
  readonly propagationDelayMs: number;
  readonly gracePeriodMs: number;
  readonly debugResponses: boolean;
  readonly log: { readonly format: "json" | "pretty"; readonly level: "debug" | "info" | "warn" | "error" };
  readonly accessLog: "off" | "refused" | "all";
  /** Null where nothing is traced. */
  readonly tracing: { readonly url: string; readonly sampleRatio: number } | null;
};

/** A config, or every error at once, one sentence each. */
export type ConfigResult =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly errors: readonly string[] };

/** The AEAD suites of TLS 1.2 with forward secrecy, which --tls-ciphers may choose from. */
const TLS12_CIPHER =
  /^(ECDHE-(ECDSA|RSA)-(AES(128|256)-GCM-SHA(256|384)|CHACHA20-POLY1305)|DHE-RSA-(AES(128|256)-GCM-SHA(256|384)|CHACHA20-POLY1305))$/;

/** What is left of the grace period for the last log lines and the exit itself. */
export const EXIT_MARGIN_MS = 2_000;

/** Reads the flags of `serve`; nothing else of the process's surroundings but whether it writes to a terminal. */
export function readConfig(texts: FlagTexts, terminal: boolean): ConfigResult {
  const errors: string[] = [];
  const reader = createReader(texts, errors);
  const config: Config = {
    manifests: reader.optional("manifests", parsePath),
    kubeconfig: reader.optional("kubeconfig", parsePath),
    context: reader.optional("context", parseText),
    watchNamespaces: reader.list("watchNamespace", parseNamespace),
    secretAccess: reader.one("secretAccess", (text) => parseChoice(text, SECRET_ACCESSES)),
    httpAddresses: reader.list("httpAddress", parseListenAddress),
    httpsAddresses: reader.list("httpsAddress", parseListenAddress),
    publicHttpsPort: reader.one("publicHttpsPort", (text) => parseInteger(text, 1, 65_535)),
    adminAddress: reader.one("adminAddress", parseListenAddress),
    adminTokenFile: reader.optional("adminTokenFile", parsePath),
    ingressClasses: reader.list("ingressClass", parseName),
    controllerName: reader.one("controllerName", parseName),
    defaultCertificate: reader.optional("defaultCertificate", parseNamespacedName),
    tlsMinVersion:
      reader.one("tlsMinVersion", (text) => parseChoice(text, TLS_VERSIONS)) === "1.3" ? "TLSv1.3" : "TLSv1.2",
    tlsCiphers: reader.optional("tlsCiphers", parseCiphers),
    tlsTicketKeys: reader.optional("tlsTicketKeys", parseNamespacedName),
    trustedProxies: reader.list("trustedProxies", parseCidr),
    maxHeaderBytes: reader.one("maxHeaderBytes", (text) => parseInteger(text, 1_024, 1_048_576)),
    maxConnections: reader.one("maxConnections", parseCountOrAuto),
    maxConnectionsPerClient: reader.one("maxConnectionsPerClient", parseCount),
    maxHandshakesPerSecond: reader.one("maxHandshakesPerSecond", parseCount),
    maxPendingRequests: reader.one("maxPendingRequests", parseCountOrAuto),
    maxTlsHandshakes: reader.one("maxTlsHandshakes", parseCountOrAuto),
    propagationDelayMs: reader.one("propagationDelay", parseMs),
    gracePeriodMs: reader.one("gracePeriod", parseMs),
    debugResponses: texts["debugResponses"] === true,
    log: {
      format: reader.optional("logFormat", (text) => parseChoice(text, LOG_FORMATS)) ?? (terminal ? "pretty" : "json"),
      level: reader.one("logLevel", (text) => parseChoice(text, LOG_LEVELS)),
    },
    accessLog: reader.one("accessLog", (text) => parseChoice(text, ACCESS_LOGS)),
    tracing: readTracing(reader),
  };
  if (errors.length === 0) errors.push(...impossible(config));
  return errors.length === 0 ? { ok: true, config: Object.freeze(config) } : { ok: false, errors };
}

function readTracing(reader: Reader): Config["tracing"] {
  const sampleRatio = reader.one("tracingSampleRatio", parseRatio);
  const url = reader.optional("tracingEndpoint", parseCollector);
  return url === null ? null : { url, sampleRatio };
}

function impossible(config: Config): string[] {
  const { propagationDelayMs, gracePeriodMs } = config;
  const errors = useless(config);
  if (gracePeriodMs >= propagationDelayMs + EXIT_MARGIN_MS) return errors;
  return [
    ...errors,
    `--grace-period ${gracePeriodMs}ms: expected at least --propagation-delay (${propagationDelayMs}ms) and ${EXIT_MARGIN_MS}ms more`,
  ];
}

/** Who names both sources expects both to be read. */
function useless({ manifests, kubeconfig, context, watchNamespaces }: Config): string[] {
  const given = [kubeconfig ?? [], context ?? [], watchNamespaces].flat();
  if (manifests === null || given.length === 0) return [];
  return ["--manifests: expected without --kubeconfig, --context and --watch-namespace; one source is read"];
}

type Reader = {
  readonly one: <Value>(key: string, parse: (text: string) => ParsedValue<Value>) => Value;
  readonly optional: <Value>(key: string, parse: (text: string) => ParsedValue<Value>) => Value | null;
  readonly list: <Value>(key: string, parse: (text: string) => ParsedValue<Value>) => readonly Value[];
};

/** Collects errors instead of throwing. A value that failed is replaced by the default's, which nobody will see. */
function createReader(texts: FlagTexts, errors: string[]): Reader {
  const list: Reader["list"] = (key, parse) => {
    const flag = SERVE_FLAGS.find((each) => each.key === key);
    if (flag === undefined) throw new Error(`no flag has the key ${key}`);
    const written = [texts[key] ?? flag.default ?? []].flat().filter((text) => typeof text === "string");
    return written.flatMap((text) => {
      const parsed = parse(text);
      if (parsed.ok) return [parsed.value];
      errors.push(`${flag.usage.split(" ")[0]} ${quote(withoutCredentials(text))}: expected ${parsed.expected}`);
      const fallback = flag.default === null ? null : parse(flag.default);
      return fallback?.ok === true ? [fallback.value] : [];
    });
  };
  const optional: Reader["optional"] = (key, parse) => list(key, parse)[0] ?? null;
  const one: Reader["one"] = (key, parse) => {
    const value = optional(key, parse);
    if (value === null) throw new Error(`the flag ${key} has neither value nor default`);
    return value;
  };
  return { list, optional, one };
}

/** What a person gets to read of a value that was refused: where it may be a URL, without the name and password in it, and without its query. */
function withoutCredentials(text: string): string {
  return text.replace(/^([a-z][a-z\d+.-]*:\/\/)?.*@/is, "$1[secret]@").replace(/\?.+/s, "?[secret]");
}

/** Enough to know it again. */
const MAX_QUOTED = 200;

function quote(text: string): string {
  return JSON.stringify(text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}...` : text);
}

function parsePath(text: string): ParsedValue<string> {
  return text === "" ? { ok: false, expected: "a path" } : { ok: true, value: text };
}

function parseText(text: string): ParsedValue<string> {
  return text === "" ? { ok: false, expected: "a name" } : { ok: true, value: text };
}

function parseNamespace(text: string): ParsedValue<string> {
  const ok = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(text);
  return ok ? { ok, value: text } : { ok, expected: "a namespace: lower-case letters, digits and '-', at most 63" };
}

function parseName(text: string): ParsedValue<string> {
  const ok = /^[a-z0-9]([a-z0-9./-]{0,251}[a-z0-9])?$/.test(text);
  return ok ? { ok, value: text } : { ok, expected: "a name of lower-case letters, digits, '-', '.' and '/'" };
}

const MAX_COUNT = 1_000_000;

function parseCount(text: string): ParsedValue<number> {
  return parseInteger(text, 0, MAX_COUNT);
}

function parseCountOrAuto(text: string): ParsedValue<number | "auto"> {
  if (text === "auto") return { ok: true, value: "auto" };
  const parsed = parseInteger(text, 1, MAX_COUNT);
  return parsed.ok ? parsed : { ok: false, expected: `${parsed.expected}, or auto` };
}

function parseCiphers(text: string): ParsedValue<readonly string[]> {
  const names = text.split(":");
  const unknown = names.find((name) => !TLS12_CIPHER.test(name));
  if (unknown === undefined) return { ok: true, value: names };
  return { ok: false, expected: `AEAD suites with forward secrecy; ${JSON.stringify(unknown.slice(0, 64))} is none` };
}
