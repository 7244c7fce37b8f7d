import { generateKeyPair, type KeyObject, randomBytes, sign } from "node:crypto";
import { isIP } from "node:net";
import { promisify } from "node:util";
import ipaddr from "ipaddr.js";
import { der } from "./der.ts";

/** A certificate chain and its private key (PKCS #8), both PEM. */
export type PemPair = { readonly chain: string; readonly key: string };

const DAY_MS = 86_400_000;
const OID = {
  ecdsaWithSha256: "1.2.840.10045.4.3.2",
  commonName: "2.5.4.3",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  keyUsage: "2.5.29.15",
  extendedKeyUsage: "2.5.29.37",
  serverAuth: "1.3.6.1.5.5.7.3.1",
} as const;

/**
 * Makes a certificate for host names and IP literals that is signed by its own key (EC P-256), valid from a minute before
 * `nowMs` for 30 days. For demonstrations and tests: no client trusts it unasked.
 */
export async function makeSelfSigned(hostnames: readonly string[], nowMs: number = Date.now()): Promise<PemPair> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)("ec", { namedCurve: "P-256" });
  const toBeSigned = describe(hostnames, publicKey, nowMs);
  const certificate = der.sequence(
    toBeSigned,
    der.sequence(der.oid(OID.ecdsaWithSha256)),
    der.bitString(sign("sha256", toBeSigned, privateKey)),
  );
  return {
    chain: pem("CERTIFICATE", certificate),
    key: privateKey.export({ type: "pkcs8", format: "pem" }),
  };
}

// TBSCertificate (RFC 5280 4.1).
function describe(hostnames: readonly string[], publicKey: KeyObject, nowMs: number): Buffer {
  const name = der.sequence(
    der.set(der.sequence(der.oid(OID.commonName), der.utf8((hostnames[0] ?? "localhost").slice(0, 64)))),
  );
  return der.sequence(
    der.context(0, der.integer(Buffer.of(2))),
    der.integer(Buffer.concat([Buffer.of(1), randomBytes(15)])),
    der.sequence(der.oid(OID.ecdsaWithSha256)),
    name,
    der.sequence(der.utcTime(nowMs - 60_000), der.utcTime(nowMs + 30 * DAY_MS)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    der.context(3, der.sequence(...extensions(hostnames))),
  );
}

function extensions(hostnames: readonly string[]): readonly Buffer[] {
  return [
    extension(OID.subjectAltName, false, der.sequence(...hostnames.map(alternativeName))),
    extension(OID.basicConstraints, true, der.sequence()),
    // digitalSignature alone: TLS since 1.2 with ECDHE needs no other use.
    extension(OID.keyUsage, true, der.bitString(Buffer.of(0x80), 7)),
    extension(OID.extendedKeyUsage, false, der.sequence(der.oid(OID.serverAuth))),
  ];
}

function extension(oid: string, critical: boolean, value: Buffer): Buffer {
  return der.sequence(der.oid(oid), ...(critical ? [der.boolean(true)] : []), der.octetString(value));
}

function alternativeName(hostname: string): Buffer {
  if (isIP(hostname) === 0) return der.context(2, Buffer.from(hostname), false);
  return der.context(7, Buffer.from(ipaddr.parse(hostname).toByteArray()), false);
}

function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString("base64").match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}
