import type { IncomingMessage, ServerResponse } from "node:http";
import { codeOf } from "../../base/error-codes.ts";
import { messageOf } from "../../base/message-of.ts";
import { writePieces } from "../write-pieces.ts";
import { type DebugAnswer, failure } from "./debug-answer.ts";
import { DEBUG_PAGES, type DebugPage } from "./debug-pages.ts";
import type { DebugSources } from "./debug-sources.ts";
import { type DebugAccess, refuseAccess } from "./guard.ts";
import { readParams } from "./params.ts";

/** Answers a request for /debug or a page below it, with JSON whatever comes of it. */
export type AnswerDebug = (request: IncomingMessage, response: ServerResponse, access: DebugAccess) => Promise<void>;

/** Two people and what they script: more at once would cost the relay its turns of the event loop. */
const MAX_READERS = 4;

/** Joins the pages of /debug to what they look at. */
export function createAnswerDebug(sources: DebugSources): AnswerDebug {
  let readers = 0;
  return async (request, response, access) => {
    const refusal = await judgeAccess(request, access);
    // Whoever ends a connection is not to wait for those who look.
    const isReader = refusal === null && request.method !== "DELETE";
    if (isReader && readers >= MAX_READERS) return await write(request, response, BUSY, sources);
    readers += Number(isReader);
    try {
      await write(request, response, refusal ?? (await answerPage(request, sources)), sources);
    } finally {
      readers -= Number(isReader);
    }
  };
}

const BUSY: DebugAnswer = {
  ...failure(503, "TooManyReaders", "too many pages are read at once"),
  headers: { "Retry-After": "1" },
};

async function write(
  request: IncomingMessage,
  response: ServerResponse,
  answer: DebugAnswer | AsyncIterable<string>,
  { clock }: DebugSources,
): Promise<void> {
  if (!("status" in answer)) {
    response.writeHead(200, HEADERS);
    if (request.method === "HEAD") response.end();
    else await writePieces(response, answer, clock);
    return;
  }
  const text = `${JSON.stringify(answer.body, null, 2)}\n`;
  response.writeHead(answer.status, { ...HEADERS, "Content-Length": Buffer.byteLength(text), ...answer.headers });
  response.end(request.method === "HEAD" ? undefined : text);
}

const HEADERS = {
  "Content-Type": "application/json",
  "Cache-Control": "no-store",
  "X-Content-Type-Options": "nosniff",
  // No page of another origin may use it or show it in a frame.
  "Cross-Origin-Resource-Policy": "same-origin",
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
};

/** A token that cannot be read opens nothing. */
function judgeAccess(request: IncomingMessage, access: DebugAccess): Promise<DebugAnswer | null> {
  return refuseAccess(request, access).catch((error: unknown) => failure(503, codeOf(error), messageOf(error)));
}

async function answerPage(
  request: IncomingMessage,
  sources: DebugSources,
): Promise<DebugAnswer | AsyncIterable<string>> {
  const [path = "", query = ""] = (request.url ?? "").split("?");
  const method = request.method === "HEAD" ? "GET" : request.method;
  const here = DEBUG_PAGES.filter((page) => patternOf(page).test(path));
  const page = here.find((each) => each.method === method);
  if (page === undefined) return refuseMethodOrPath(here);
  const params = readParams(new URLSearchParams(query), page.params);
  if (!params.ok) return failure(400, "InvalidParameter", params.error);
  const [, id = ""] = patternOf(page).exec(path) ?? [];
  return page.answer({ values: params.values, id, askedBy: request.socket.remoteAddress ?? "" }, sources);
}

function patternOf({ path }: DebugPage): RegExp {
  return new RegExp(`^${path.replace("/ID", "/([^/]+)")}/?$`);
}

function refuseMethodOrPath(here: readonly DebugPage[]): DebugAnswer {
  if (here.length === 0) {
    return failure(404, "UnknownPage", `expected one of ${DEBUG_PAGES.map(({ path }) => path).join(", ")}`);
  }
  const methods = here.map(({ method }) => method).join(", ");
  return { ...failure(405, "WrongMethod", `expected ${methods}`), headers: { Allow: methods } };
}
