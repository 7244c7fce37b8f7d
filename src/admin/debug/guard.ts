import type { IncomingMessage } from "node:http";
import type { Clock, Log } from "../../base/ports.ts";
import type { AdminToken } from "./admin-token.ts";
import { type DebugAnswer, failure } from "./debug-answer.ts";

/** Who may see /debug. */
export type DebugAccess = {
  /** The address that the admin server got. */
  readonly host: string;
  readonly token: AdminToken | null;
  /** Told of each wrong token, by the address that it came from. */
  readonly wrongToken: (address: string) => void;
};

/**
 * Why a request may not see /debug; null if it may. With a token, whoever has it. Without one, programs on this machine:
 * not browsers that a page of another origin sent here, by a name that it made resolve to this machine or otherwise.
 */
export function refuseAccess(
  request: IncomingMessage,
  { host, token, wrongToken }: DebugAccess,
): Promise<DebugAnswer | null> {
  if (token !== null) return refuseWithoutToken(request, token, wrongToken);
  if (!isLoopback(host)) return Promise.resolve(failure(403, "NeedsTokenFile", NEEDS_TOKEN));
  return Promise.resolve(refuseForeignPages(request));
}

/** Whether /debug of this address can be used at all without --admin-token-file. */
export function isLoopback(host: string): boolean {
  return host === "::1" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

/** Why /debug is closed on an address that others reach. */
export const NEEDS_TOKEN = "/debug on an address that is not loopback needs --admin-token-file";

async function refuseWithoutToken(
  { headers, socket }: IncomingMessage,
  token: AdminToken,
  wrongToken: DebugAccess["wrongToken"],
): Promise<DebugAnswer | null> {
  const [, given] = /^Bearer +([\x21-\x7e]+)$/i.exec(headers.authorization ?? "") ?? [];
  if (given !== undefined && (await token.accepts(given))) return null;
  if (given !== undefined) wrongToken(socket.remoteAddress ?? "");
  const answer = failure(401, "TokenExpected", "expected Authorization: Bearer with the token of --admin-token-file");
  // RFC 6750 3.1: a token that was given and is wrong is told apart from none.
  const error = given === undefined ? "" : ', error="invalid_token"';
  return { ...answer, headers: { "WWW-Authenticate": `Bearer realm="fairlead"${error}` } };
}

/** Wrong tokens are told this often at most: whoever guesses fills no disk. */
const COMPLAINT_MS = 10_000;

/** Tells of wrong tokens, with how many there were since it last did. */
export function createComplaint(log: Log, clock: Clock): DebugAccess["wrongToken"] {
  let wrong = 0;
  let toldMs = Number.NEGATIVE_INFINITY;
  return (peerAddress) => {
    wrong += 1;
    const nowMs = clock.monotonicMs();
    if (nowMs - toldMs < COMPLAINT_MS) return;
    log.warn({ peerAddress, wrong }, "a wrong token for /debug");
    toldMs = nowMs;
    wrong = 0;
  };
}

function refuseForeignPages({ headers }: IncomingMessage): DebugAnswer | null {
  const [name = ""] = /^(?:\[[^\]]*\]|[^:]*)/.exec(headers.host ?? "") ?? [];
  if (name.toLowerCase() !== "localhost" && !isLoopback(name.replaceAll(/[[\]]/g, ""))) {
    return failure(403, "ForeignPage", "expected a Host of localhost or a loopback address");
  }
  const isOwn = isOwnOrigin(headers) && OWN_SITES.has(headers["sec-fetch-site"]);
  return isOwn ? null : failure(403, "ForeignPage", "a page of another origin may not ask");
}

/** Typed by a person, or asked by a page of ours; other programs than browsers do not say (Fetch Metadata 2.3). */
const OWN_SITES: ReadonlySet<unknown> = new Set([undefined, "none", "same-origin"]);

function isOwnOrigin({ origin, host }: IncomingMessage["headers"]): boolean {
  return origin === undefined || origin === `http://${host}`;
}
