/** One flag of the command line: the one place where its name, default and meaning are written. */
export type Flag = {
  /** As commander declares it: `--name <VALUE>`. */
  readonly usage: string;
  /** The key that commander stores it under. */
  readonly key: string;
  /** The text that stands in when the flag is absent; null when there is none. */
  readonly default: string | null;
  readonly repeatable: boolean;
  readonly meaning: string;
  /** Every value that there is, for the shell to complete; empty where the value is free. */
  readonly values: readonly string[];
};

/** The texts of the flags as the command line gave them, or their defaults. */
export type FlagTexts = Readonly<Record<string, string | readonly string[] | boolean | undefined>>;

/** The words of --tls-min-version. */
export const TLS_VERSIONS = ["1.2", "1.3"] as const;

/** The words of --log-format. */
export const LOG_FORMATS = ["json", "pretty"] as const;

/** The words of --log-level, the most talkative first. */
export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;

/** The words of --access-log. */
export const ACCESS_LOGS = ["off", "refused", "all"] as const;

/** The words of --secret-access. */
export const SECRET_ACCESSES = ["get"] as const;

/** The flags of `fairlead serve` that say which cluster is read, and how; a directory has no use for them. */
export const CLUSTER_FLAGS = [
  flag(
    "--kubeconfig <FILE>",
    "The kubeconfig of the cluster to read. Without it: the files of KUBECONFIG, else the ServiceAccount of the pod, else ~/.kube/config.",
  ),
  flag("--context <NAME>", "The context of the kubeconfig; its current one otherwise."),
  repeatable(
    "--watch-namespace <NAME>",
    "Read this namespace alone, by Roles in place of a ClusterRole. IngressClasses are then not read: the classes are those of --ingress-class, and none is the default.",
  ),
  flag(
    "--secret-access <HOW>",
    "How Secrets are read, and only those that routes name. get: by name, when first named, after its route has changed and every minute.",
    "get",
    SECRET_ACCESSES,
  ),
] as const satisfies readonly Flag[];

/** The flags of `fairlead serve`; docs/reference/flags.md is generated from this. */
export const SERVE_FLAGS = [
  flag(
    "--manifests <DIR>",
    "Read Kubernetes manifests from this directory and all below it, and follow their changes; without it a cluster is read.",
  ),
  ...CLUSTER_FLAGS,
  repeatable("--http-address <HOST:PORT>", "Serve HTTP and ws here.", ":8080"),
  repeatable("--https-address <HOST:PORT>", "Serve HTTPS and wss here.", ":8443"),
  flag(
    "--public-https-port <PORT>",
    "The port at which clients reach the HTTPS addresses, for redirects from plain HTTP.",
    "443",
  ),
  flag("--admin-address <HOST:PORT>", "Serve /livez, /readyz, /healthz, /metrics and /debug here.", "127.0.0.1:9090"),
  flag(
    "--admin-token-file <FILE>",
    "A file with the token that /debug asks for (Authorization: Bearer), 16 characters or more; it is read again for each request. Without it /debug is served on loopback addresses alone, and to programs of this machine.",
  ),
  repeatable("--ingress-class <NAME>", "Serve the routes of this class.", "fairlead"),
  flag(
    "--controller-name <NAME>",
    "Serve the IngressClasses that name this controller.",
    "fairlead.dev/ingress-controller",
  ),
  flag(
    "--default-certificate <NAMESPACE/NAME>",
    "The TLS Secret for server names without a certificate of their own; without it they are refused.",
  ),
  flag(
    "--tls-min-version <VERSION>",
    "The oldest TLS version for hosts that name none: 1.2 or 1.3.",
    "1.2",
    TLS_VERSIONS,
  ),
  flag(
    "--tls-ciphers <LIST>",
    "The cipher suites of TLS 1.2 in OpenSSL's names, in order, separated by colons; AEAD suites with forward secrecy only.",
  ),
  flag(
    "--tls-ticket-keys <NAMESPACE/NAME>",
    "The Secret whose ticket.key, 48 random bytes that all replicas share, seals TLS session tickets; without it a session resumes on no other replica.",
  ),
  repeatable("--trusted-proxies <CIDR>", "Believe the X-Forwarded-* and X-Request-Id fields of peers in this network."),
  flag(
    "--max-header-bytes <BYTES>",
    "The largest request head that is read, 1024 to 1048576; a larger one is answered 431.",
    "16384",
  ),
  flag(
    "--max-connections <COUNT>",
    "WebSockets that may be open, 1 to 1000000; further handshakes are answered 503. auto: as many as the process has file descriptors for, two each, and memory for, 64 KiB each, less a reserve.",
    "auto",
  ),
  flag(
    "--max-connections-per-client <COUNT>",
    "TCP connections that one client address may have open (an IPv6 /64 counts as one), 0 to 1000000; further ones are closed at accept. 0: no limit, because behind a load balancer or a Service that rewrites source addresses all clients look alike; peers in --trusted-proxies are never limited.",
    "0",
  ),
  flag(
    "--max-handshakes-per-second <COUNT>",
    "WebSocket handshakes that are begun in a second, 0 to 1000000, with two seconds' worth at once; further ones are answered 503 with a random Retry-After. 0: no limit.",
    "2000",
  ),
  flag(
    "--max-pending-requests <COUNT>",
    "Handshakes and plain requests that may wait for their backends to answer, 1 to 1000000, of which one route may have half; further ones are answered 503. auto: half of the connections that there are file descriptors for.",
    "auto",
  ),
  flag(
    "--max-tls-handshakes <COUNT>",
    "TLS handshakes that may be under way, 1 to 1000000; further connections are closed at accept. auto: half of the connections that there are file descriptors for.",
    "auto",
  ),
  flag(
    "--propagation-delay <DURATION>",
    "After SIGTERM, how long to go on accepting while others learn that this replica is not ready.",
    "5s",
  ),
  flag(
    "--grace-period <DURATION>",
    "After SIGTERM, when the process has exited at the latest; keep it below terminationGracePeriodSeconds.",
    "90s",
  ),
  flag("--debug-responses", "Say in the body of an error answer why a request was refused; for development only."),
  flag(
    "--log-format <FORMAT>",
    "How the log is written: json or pretty; pretty is the default on a terminal, json elsewhere.",
    null,
    LOG_FORMATS,
  ),
  flag("--log-level <LEVEL>", "The least level that is logged: debug, info, warn or error.", "info", LOG_LEVELS),
  flag(
    "--tracing-endpoint <URL>",
    "Trace handshakes: send a span of each to the OpenTelemetry collector (OTLP over HTTP) at this base URL, such as http://collector:4318, to its path /v1/traces. Headers for it, with credentials, go into OTEL_EXPORTER_OTLP_HEADERS.",
  ),
  flag(
    "--tracing-sample-ratio <RATIO>",
    "Of handshakes that no trace context of their client's decides about, the share that is traced, 0 to 1.",
    "1",
  ),
  flag(
    "--access-log <WHICH>",
    "Of which handshakes and requests a line is logged: off, refused or all; the lines are of level info, or warn for a refusal with a 5xx status.",
    "all",
    ACCESS_LOGS,
  ),
] as const satisfies readonly Flag[];

/** A flag that is given at most once; `usage` begins with its short form if it has one: `-o, --output <FORMAT>`. */
export function flag(
  usage: string,
  meaning: string,
  fallback: string | null = null,
  values: readonly string[] = [],
): Flag {
  // Commander keeps --no-x as x, which is true until the flag is given.
  const [, name = ""] = /--(?:no-)?([\w-]+)/.exec(usage) ?? [];
  const key = name.replaceAll(/-(\w)/g, (_match, letter: string) => letter.toUpperCase());
  return { usage, key, default: fallback, repeatable: false, meaning, values };
}

/** A flag whose values add up. */
export function repeatable(usage: string, meaning: string, fallback: string | null = null): Flag {
  return { ...flag(usage, `${meaning} May be given several times.`, fallback), repeatable: true };
}
