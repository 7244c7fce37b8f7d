import { readFile } from "node:fs/promises";
import { CodedError, isErrorCode } from "../../base/error-codes.ts";
import { messageOf } from "../../base/message-of.ts";
import type { AdminTarget } from "./admin-flags.ts";

/** What is asked of a replica. */
export type AdminQuestion = {
  readonly target: AdminTarget;
  readonly method: "GET" | "DELETE";
  readonly path: string;
  readonly query: URLSearchParams;
  /** A member that every answer of the page has. */
  readonly expects: string;
};

/** A page's answer; its status is below 400. */
export type AdminReply = { readonly status: number; readonly body: Readonly<Record<string, unknown>> };

/** Longer than a replica waits for the end of a connection. */
const WAIT_MS = 30_000;

/** Asks a page of /debug. Throws with a sentence for a person when it cannot be had, or says why not. */
export async function askAdmin({ target, method, path, query, expects }: AdminQuestion): Promise<AdminReply> {
  const { url, tokenFile } = target;
  const where = new URL(path, url);
  where.search = query.toString();
  const headers = tokenFile === null ? {} : { Authorization: `Bearer ${await readToken(tokenFile)}` };
  // The token is for this address alone.
  const init = { method, headers, redirect: "error", signal: AbortSignal.timeout(WAIT_MS) } as const;
  const response = await fetch(where, init).catch((error: unknown) => {
    throw new CodedError("AdminUnreachable", `${url.origin} cannot be asked: ${reasonOf(error)}`, { cause: error });
  });
  const body = await readBody(response, response.ok ? expects : "error").catch((error: unknown) => {
    const sentence = `${url.origin} did not answer as Fairlead does (${response.status}): ${reasonOf(error)}`;
    throw new CodedError("AdminNotFairlead", sentence, { cause: error });
  });
  if (response.ok) return { status: response.status, body };
  const { code } = body;
  throw new CodedError(
    isErrorCode(code) ? code : "AdminRefused",
    `${url.origin} answered ${response.status}: ${String(body["error"])}${adviceFor(response.status, tokenFile)}`,
  );
}

async function readBody(response: Response, member: string): Promise<AdminReply["body"]> {
  const body: unknown = JSON.parse(await response.text());
  if (typeof body === "object" && body !== null && Object.hasOwn(body, member)) return body as AdminReply["body"];
  throw new Error(`expected a JSON object with "${member}"; is this the address of --admin-address?`);
}

async function readToken(path: string): Promise<string> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw new CodedError("InvalidTokenFile", `--token-file ${path}: cannot be read: ${messageOf(error)}`);
  });
  const token = text.trim();
  // What a header field cannot hold must not reach an error message, which would quote it.
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new CodedError("InvalidTokenFile", `--token-file ${path}: expected one token without white space`);
}

function adviceFor(status: number, tokenFile: string | null): string {
  return status === 401 && tokenFile === null ? " (--token-file names a file with it)" : "";
}

/** The cause says more than "fetch failed" does. */
function reasonOf(error: unknown): string {
  return error instanceof Error && error.cause instanceof Error ? messageOf(error.cause) : messageOf(error);
}
