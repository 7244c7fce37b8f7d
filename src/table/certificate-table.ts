import type { Secret } from "../base/secret.ts";
import type { HostPattern } from "./routing-table.ts";

/** SHA-256 of the certificate chain and key, in hex: equal pairs share one TLS context. */
export type CertificateId = string;

/** A certificate chain and its key; the key never leaves the process. */
export type Certificate = {
  readonly id: CertificateId;
  readonly chain: string;
  readonly key: Secret;
  /** Milliseconds since the epoch. */
  readonly notAfterMs: number;
  /** `namespace/name` of the Secret that has it, of several equal ones the first by name; null if none has. */
  readonly secret: string | null;
};

/** The oldest TLS version that a host accepts. */
export type TlsVersion = "TLSv1.2" | "TLSv1.3";

/** How one host is served over TLS. Two hosts with equal settings may share a connection; others answer 421. */
export type HostTls = {
  readonly host: HostPattern;
  /** In order of preference: several when a host has keys of several types. */
  readonly certificates: readonly CertificateId[];
  readonly minVersion: TlsVersion;
};

/** What each server name is answered with. Secret: never printed whole. */
export type CertificateTable = {
  readonly certificates: ReadonlyMap<CertificateId, Certificate>;
  readonly hosts: readonly HostTls[];
  /** For names without settings of their own; null refuses them. */
  readonly fallback: HostTls | null;
  /** 48 bytes in base64, which seal session tickets (RFC 5077 4) for all replicas; null lets each have its own. */
  readonly ticketKeys: Secret | null;
};
