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
};

/** The texts of the flags as the command line gave them, defaults not yet applied. */
export type FlagTexts = Readonly<Record<string, string | readonly string[] | boolean | undefined>>;

/** The flags of `fairlead serve`; docs/reference/flags.md is generated from this. */
export const SERVE_FLAGS = [
  flag(
    "--manifests <DIR>",
    "Read Kubernetes manifests from this directory and all below it, and follow their changes.",
  ),
  repeatable("--http-address <HOST:PORT>", "Serve HTTP and ws here.", ":8080"),
  repeatable("--https-address <HOST:PORT>", "Serve HTTPS and wss here.", ":8443"),
  flag(
    "--public-https-port <PORT>",
    "The port at which clients reach the HTTPS addresses, for redirects from plain HTTP.",
    "443",
  ),
  flag("--admin-address <HOST:PORT>", "Serve /livez, /readyz, /healthz and /metrics here.", "127.0.0.1:9090"),
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
  flag("--tls-min-version <VERSION>", "The oldest TLS version for hosts that name none: 1.2 or 1.3.", "1.2"),
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
  ),
  flag("--log-level <LEVEL>", "The least level that is logged: debug, info, warn or error.", "info"),
  flag(
    "--access-log <WHICH>",
    "Of which handshakes and requests a line is logged: off, refused or all; the lines are of level info, or warn for a refusal with a 5xx status.",
    "all",
  ),
] as const satisfies readonly Flag[];

function flag(usage: string, meaning: string, fallback: string | null = null): Flag {
  const [name = ""] = usage.slice(2).split(" ");
  const key = name.replaceAll(/-(\w)/g, (_match, letter: string) => letter.toUpperCase());
  return { usage, key, default: fallback, repeatable: false, meaning };
}

function repeatable(usage: string, meaning: string, fallback: string | null = null): Flag {
  return { ...flag(usage, `${meaning} May be given several times.`, fallback), repeatable: true };
}
