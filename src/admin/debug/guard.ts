import type { IncomingMessage } from "node:http";
import type { AdminToken } from "./admin-token.ts";
import { type DebugAnswer, failure } from "./debug-answer.ts";

/** Who may see /debug. */
export type DebugAccess = {
  /** The address that the admin server got. */
  readonly host: string;
  readonly token: AdminToken | null;
};

/**
 * Why a request may not see /debug; null if it may. With a token, whoever has it. Without one, programs on this machine:
 * not browsers that a page of another origin sent here, by a name that it made resolve to this machine or otherwise.
 */
export function refuseAccess(request: IncomingMessage, { host, token }: DebugAccess): Promise<DebugAnswer | null> {
  if (token !== null) return refuseWithoutToken(request, token);
  if (!isLoopback(host)) return Promise.resolve(failure(403, NEEDS_TOKEN));
  return Promise.resolve(refuseForeignPages(request));
}

/** Whether /debug of this address can be used at all without --admin-token-file. */
export function isLoopback(host: string): boolean {
  return host === "::1" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

/** Why /debug is closed on an address that others reach. */
export const NEEDS_TOKEN = "/debug on an address that is not loopback needs --admin-token-file";

async function refuseWithoutToken(request: IncomingMessage, token: AdminToken): Promise<DebugAnswer | null> {
  const [, given] = /^Bearer +([\x21-\x7e]+)$/i.exec(request.headers.authorization ?? "") ?? [];
  if (given !== undefined && (await token.accepts(given))) return null;
  const answer = failure(401, "expected Authorization: Bearer with the token of --admin-token-file");
  return { ...answer, headers: { "WWW-Authenticate": 'Bearer realm="fairlead"' } };
}

function refuseForeignPages({ headers }: IncomingMessage): DebugAnswer | null {
  const [name = ""] = /^(?:\[[^\]]*\]|[^:]*)/.exec(headers.host ?? "") ?? [];
  if (name.toLowerCase() !== "localhost" && !isLoopback(name.replaceAll(/[[\]]/g, ""))) {
    return failure(403, "expected a Host of localhost or a loopback address");
  }
  const site = headers["sec-fetch-site"];
  const isForeign = headers.origin !== undefined || (site !== undefined && site !== "none" && site !== "same-origin");
  return isForeign ? failure(403, "a page of another origin may not ask") : null;
}
