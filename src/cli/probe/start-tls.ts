import type { X509Certificate } from "node:crypto";
import { isIP, type Socket } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import { messageOf } from "../../base/message-of.ts";
import type { Clock } from "../../base/ports.ts";
import { type CertificateDescription, describeCertificate } from "../describe-certificate.ts";
import { escapeText } from "../escape-text.ts";
import { showDuration } from "../show-duration.ts";
import { ProbeError } from "./findings.ts";
import type { ProbedTls } from "./probe-result.ts";

/** How TLS is spoken. */
export type TlsTarget = {
  /** A name or an IP address, which the certificate must be for; a name is sent as SNI. */
  readonly name: string;
  /** `address:port`, for messages. */
  readonly address: string;
  readonly ca: string | null;
  readonly timeoutMs: number;
};

/** A TLS connection; `objection` says why a client would not accept the certificate. */
export type StartedTls = {
  readonly socket: TLSSocket;
  readonly tls: ProbedTls;
  readonly objection: ProbeError | null;
};

/** Does the TLS handshake over a connected socket. A certificate is judged afterwards, so that it can be shown. Throws ProbeError. */
export async function startTls(socket: Socket, target: TlsTarget, clock: Clock): Promise<StartedTls> {
  const { name, ca } = target;
  const serverName = isIP(name) === 0 ? name : null;
  const secured = connect({
    socket,
    ALPNProtocols: ["http/1.1"],
    rejectUnauthorized: false,
    ...(serverName === null ? {} : { servername: serverName }),
    ...(ca === null ? {} : { ca }),
  });
  await untilSecure(secured, target, clock);
  const certificate = secured.getPeerX509Certificate();
  if (certificate === undefined) {
    secured.destroy();
    throw new ProbeError("TlsFailed", { reason: "the server showed no certificate" });
  }
  const described = describeCertificate(certificate);
  const objection = judge(certificate, described, { name, error: chainError(secured), nowMs: clock.wallMs() });
  const tls: ProbedTls = {
    protocol: secured.getProtocol() ?? "unknown",
    cipher: secured.getCipher().standardName,
    serverName,
    certificate: described,
    verified: objection === null,
    problem: objection?.message ?? "",
  };
  return { socket: secured, tls, objection };
}

function untilSecure(socket: TLSSocket, target: TlsTarget, clock: Clock): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: ProbeError): void => {
      timer.stop();
      socket.on("error", () => {});
      socket.destroy();
      reject(error);
    };
    const timer = clock.after(target.timeoutMs, () =>
      fail(new ProbeError("TlsTimeout", { limit: showDuration(target.timeoutMs) })),
    );
    const onError = (error: NodeJS.ErrnoException): void => fail(tlsError(error, target));
    const onClose = (): void => fail(new ProbeError("TlsClosed"));
    socket.once("error", onError);
    socket.once("close", onClose);
    socket.once("secureConnect", () => {
      timer.stop();
      socket.off("error", onError);
      socket.off("close", onClose);
      resolve();
    });
  });
}

type Sign = readonly [
  sign: RegExp,
  code: "TlsNotSpoken" | "TlsNameUnknown" | "TlsVersionRefused" | "TlsClosed" | "ClientCertificateRequired",
];

/** OpenSSL's names for what went wrong; what is not here is told as it is. */
const SIGNS: readonly Sign[] = [
  [/UNRECOGNIZED_NAME/, "TlsNameUnknown"],
  [
    /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|UNKNOWN_PROTOCOL|BAD_RECORD_TYPE|RECORD_LAYER/,
    "TlsNotSpoken",
  ],
  [
    /PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|HANDSHAKE_FAILURE|NO_SHARED_CIPHER|INSUFFICIENT_SECURITY/,
    "TlsVersionRefused",
  ],
  [/CERTIFICATE_REQUIRED/, "ClientCertificateRequired"],
  [/ECONNRESET|EPIPE|UNEXPECTED_EOF/, "TlsClosed"],
];

/** What an error of the TLS handshake, or an alert that comes right after it, means. */
export function tlsError(
  error: NodeJS.ErrnoException,
  { name, address }: Pick<TlsTarget, "name" | "address">,
): ProbeError {
  const reason = error.code ?? messageOf(error);
  const [, code = "TlsFailed"] = SIGNS.find(([sign]) => sign.test(reason)) ?? [];
  const serverName = isIP(name) === 0 ? name : "(none)";
  return new ProbeError(code, { reason: escapeText(reason, 200), serverName, address });
}

/** The verdict on the chain alone, in OpenSSL's words; null if it is trusted. */
function chainError(socket: TLSSocket): string | null {
  const error: unknown = socket.authorizationError;
  if (error === null || error === undefined) return null;
  const words = messageOf(error);
  // Names are compared below, whatever the chain is like.
  return words.includes("ALTNAME") ? null : words;
}

type Judged = { readonly name: string; readonly error: string | null; readonly nowMs: number };

/** Dates first, then the name, then the chain: each makes the next one moot. */
function judge(
  certificate: X509Certificate,
  { notAfter, notBefore, names, subject }: CertificateDescription,
  { name, error, nowMs }: Judged,
): ProbeError | null {
  if (Date.parse(notAfter) < nowMs) return new ProbeError("CertificateExpired", { notAfter });
  if (Date.parse(notBefore) > nowMs) return new ProbeError("CertificateNotYetValid", { notBefore });
  const isFor = isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name);
  if (isFor === undefined) {
    const listed = names.slice(0, 5).join(", ") || subject;
    return new ProbeError("CertificateWrongName", { host: name, names: listed });
  }
  if (error === null) return null;
  if (error === "DEPTH_ZERO_SELF_SIGNED_CERT") return new ProbeError("CertificateSelfSigned");
  return new ProbeError("CertificateUntrusted", { reason: escapeText(error, 200) });
}
