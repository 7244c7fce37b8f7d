import type { FailureName } from "../../base/failures.ts";
import type { CertificateDescription } from "../describe-certificate.ts";
import type { NoteCode, ProbeCode, Step } from "./findings.ts";

/** Everything that a probe saw, as -o json and yaml print it. Foreign texts are escaped, cut, and without credentials. */
export type ProbeResult = {
  /** Without the query. */
  readonly url: string;
  readonly healthy: boolean;
  /** Null of a healthy probe. */
  readonly finding: ProbeFinding | null;
  readonly notes: readonly { readonly code: NoteCode; readonly sentence: string }[];
  /** Those that were begun; the last one failed if there is a finding. */
  readonly steps: readonly { readonly step: Step; readonly ms: number }[];
  /** What the name resolved to. */
  readonly addresses: readonly string[];
  /** `address:port` of the connection. */
  readonly connectedTo: string | null;
  readonly tls: ProbedTls | null;
  readonly request: { readonly line: string; readonly fields: readonly string[] } | null;
  readonly response: ProbedResponse | null;
  readonly subprotocol: string | null;
  readonly extensions: string | null;
  readonly pings: ProbedPings | null;
  readonly echo: ProbedEcho | null;
  readonly close: ProbedClose | null;
};

/** Why a probe is not healthy. */
export type ProbeFinding = {
  readonly step: Step;
  readonly code: ProbeCode;
  readonly sentence: string;
  readonly look: string;
  readonly reference: string;
};

/** The TLS connection, as far as it came. */
export type ProbedTls = {
  readonly protocol: string;
  readonly cipher: string;
  /** Null if none was sent, as for an IP address. */
  readonly serverName: string | null;
  readonly certificate: CertificateDescription;
  /** Whether a client would accept it: trusted, in date, and for this name. */
  readonly verified: boolean;
  /** Why not; empty if verified. */
  readonly problem: string;
};

/** The answer to the handshake. */
export type ProbedResponse = {
  readonly status: number;
  readonly reason: string;
  /** `Name: value`. */
  readonly fields: readonly string[];
  /** The beginning of the body; empty with a 101. */
  readonly body: string;
  /** The row of docs/reference/failures.md, if the answer is Fairlead's own. */
  readonly failure: FailureName | null;
};

/** Round trips of Ping and Pong. */
export type ProbedPings = {
  readonly sent: number;
  readonly answered: number;
  readonly minMs: number | null;
  readonly avgMs: number | null;
  readonly maxMs: number | null;
};

/** The message and what came back. */
export type ProbedEcho = {
  readonly bytes: number;
  /** `other`: a message came back, not the one that was sent. */
  readonly result: "same" | "other" | "none";
  /** From the message to what came back. */
  readonly ms: number;
  /** Messages that came before it unasked. */
  readonly before: number;
};

/** How the WebSocket was closed; null where no Close frame came. */
export type ProbedClose = {
  readonly sent: number;
  readonly received: { readonly code: number; readonly reason: string } | null;
};
