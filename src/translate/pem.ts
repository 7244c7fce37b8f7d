import { X509Certificate } from "node:crypto";

const BLOCK = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+?-----END CERTIFICATE-----/gu;
const MAX_PEM_LENGTH = 262_144;
const MAX_CERTIFICATES = 64;

/** The certificates of a PEM text in order, or what is wrong with it. */
export type ReadCertificates =
  | { readonly ok: true; readonly certificates: readonly X509Certificate[] }
  | { readonly ok: false; readonly fault: string };

/** Reads a bounded PEM text of one or more certificates (RFC 7468). Never throws. */
export function readCertificates(pem: string): ReadCertificates {
  if (pem.length > MAX_PEM_LENGTH) return { ok: false, fault: `is longer than ${MAX_PEM_LENGTH} characters` };
  const blocks = pem.match(BLOCK) ?? [];
  if (blocks.length === 0) return { ok: false, fault: "holds no PEM certificate" };
  if (blocks.length > MAX_CERTIFICATES) return { ok: false, fault: `holds more than ${MAX_CERTIFICATES} certificates` };
  try {
    return { ok: true, certificates: blocks.map((block) => new X509Certificate(block)) };
  } catch {
    return { ok: false, fault: "holds a certificate that cannot be parsed" };
  }
}

/** The same certificates in one canonical PEM text: equal chains give equal text. */
export function writeCertificates(certificates: readonly X509Certificate[]): string {
  return certificates.map((certificate) => certificate.toString()).join("");
}
