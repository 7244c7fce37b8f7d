import type { X509Certificate } from "node:crypto";
import { escapeText } from "./escape-text.ts";

/** A certificate for people and programs. Every text is safe to print. */
export type CertificateDescription = {
  readonly subject: string;
  /** subjectAltName (RFC 5280 4.2.1.6), such as `DNS:example.com`. */
  readonly names: readonly string[];
  readonly issuer: string;
  /** In ISO 8601. */
  readonly notBefore: string;
  readonly notAfter: string;
  /** SHA-256 of the certificate, in hex with colons. */
  readonly fingerprint: string;
};

const MAX_NAMES = 100;

/** Describes a certificate that anybody may have made. */
export function describeCertificate(certificate: X509Certificate): CertificateDescription {
  const names = (certificate.subjectAltName ?? "").split(", ").filter((name) => name !== "");
  return {
    subject: oneLine(certificate.subject),
    names: names.slice(0, MAX_NAMES).map((name) => escapeText(name, 300)),
    issuer: oneLine(certificate.issuer),
    notBefore: toIso(certificate.validFrom),
    notAfter: toIso(certificate.validTo),
    fingerprint: certificate.fingerprint256,
  };
}

function oneLine(name: string | undefined): string {
  return escapeText((name ?? "").replaceAll("\n", ", "), 500);
}

function toIso(date: string): string {
  const ms = Date.parse(date);
  return Number.isNaN(ms) ? escapeText(date, 60) : new Date(ms).toISOString();
}
