import type { IncomingMessage, ServerResponse } from "node:http";
import { messageOf } from "../../base/message-of.ts";
import { writePieces } from "../write-pieces.ts";
import { type DebugAnswer, failure } from "./debug-answer.ts";
import { DEBUG_PAGES, type DebugPage } from "./debug-pages.ts";
import type { DebugSources } from "./debug-sources.ts";
import { type DebugAccess, refuseAccess } from "./guard.ts";
import { readParams } from "./params.ts";

/** Answers a request for /debug or a page below it, with JSON whatever comes of it. */
export async function answerDebug(
  request: IncomingMessage,
  response: ServerResponse,
  sources: DebugSources,
  access: DebugAccess,
): Promise<void> {
  const answer = (await judgeAccess(request, access)) ?? (await answerPage(request, sources));
  if (!("status" in answer)) {
    response.writeHead(200, HEADERS);
    if (request.method === "HEAD") response.end();
    else await writePieces(response, answer, sources.clock);
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
};

/** A token that cannot be read opens nothing. */
function judgeAccess(request: IncomingMessage, access: DebugAccess): Promise<DebugAnswer | null> {
  return refuseAccess(request, access).catch((error: unknown) => failure(503, messageOf(error)));
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
  if (!params.ok) return failure(400, params.error);
  const [, id = ""] = patternOf(page).exec(path) ?? [];
  return page.answer({ values: params.values, id, askedBy: request.socket.remoteAddress ?? "" }, sources);
}

function patternOf({ path }: DebugPage): RegExp {
  return new RegExp(`^${path.replace("/ID", "/([^/]+)")}/?$`);
}

function refuseMethodOrPath(here: readonly DebugPage[]): DebugAnswer {
  if (here.length === 0) return failure(404, `expected one of ${DEBUG_PAGES.map(({ path }) => path).join(", ")}`);
  const methods = here.map(({ method }) => method).join(", ");
  return { ...failure(405, `expected ${methods}`), headers: { Allow: methods } };
}
