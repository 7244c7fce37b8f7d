import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Clock, Log } from "../base/ports.ts";
import type { Exposition } from "../observe/exposition.ts";
import { bind, type ListenAddress } from "../proxy/listen/bind.ts";
import { answerFailure, failureOf } from "../proxy/listen/client-error.ts";
import type { AdminToken } from "./debug/admin-token.ts";
import { type AnswerDebug, createAnswerDebug } from "./debug/answer-debug.ts";
import { DEBUG_PAGES } from "./debug/debug-pages.ts";
import type { DebugSources } from "./debug/debug-sources.ts";
import { createComplaint, type DebugAccess, isLoopback, NEEDS_TOKEN } from "./debug/guard.ts";
import type { Health } from "./health.ts";
import { healthPage, livePage, type Page, readyPage } from "./health-pages.ts";
import { answerMetrics } from "./metrics-page.ts";

/** The server of /livez, /readyz, /healthz, /metrics and /debug. It shares nothing with the data plane but the process. */
export type AdminServer = {
  /** Resolves when it listens; rejects when the address cannot be had. */
  readonly start: () => Promise<ListenAddress>;
  /** Stops listening and drops what is open. */
  readonly stop: () => Promise<void>;
};

/** What the admin server is made of. */
export type AdminOptions = {
  readonly host: string;
  readonly port: number;
  readonly health: () => Health;
  readonly metrics: Exposition;
  readonly debug: DebugSources;
  /** What /debug asks for; null leaves it to programs of this machine. */
  readonly token: AdminToken | null;
  readonly log: Log;
  readonly clock: Clock;
};

type Sources = Pick<AdminOptions, "health" | "metrics" | "clock"> & {
  readonly answerDebug: AnswerDebug;
  readonly access: () => DebugAccess;
};

type WritePage = (sources: Sources) => Page;

/** Written piece by piece, as those below /debug are: they are not small. */
const METRICS = "/metrics";
const DEBUG = "/debug";

/** The small pages by path; a request for any other path is answered 404. */
const PAGES: ReadonlyMap<string, WritePage> = new Map<string, WritePage>([
  ["/livez", livePage],
  ["/readyz", ({ health }) => readyPage(health())],
  ["/healthz", ({ health }) => healthPage(health())],
]);

/** Every page, as the answer to a request for any other says it. */
const LISTED = [
  ...PAGES.keys(),
  METRICS,
  ...DEBUG_PAGES.filter(({ method }) => method === "GET").map(({ path }) => path),
];

/** The pages are small and asked for by few: more connections than this are a mistake or an attack. */
const MAX_CONNECTIONS = 128;
const TIMEOUT_MS = 5_000;

/** Builds the admin server; `start` makes it listen. */
export function createAdminServer(options: AdminOptions): AdminServer {
  const { token, log, clock } = options;
  let access: DebugAccess = { host: options.host, token, wrongToken: createComplaint(log, clock) };
  const sources = { ...options, answerDebug: createAnswerDebug(options.debug), access: () => access };
  const server = createServer(
    {
      maxHeaderSize: 8_192,
      headersTimeout: TIMEOUT_MS,
      requestTimeout: TIMEOUT_MS,
      keepAliveTimeout: TIMEOUT_MS,
      connectionsCheckingInterval: 1_000,
    },
    (request, response) => {
      answer(request, response, sources).catch((error: unknown) => {
        log.error({ error }, "an admin page could not be written");
        response.destroy();
      });
    },
  );
  server.maxConnections = MAX_CONNECTIONS;
  server.on("clientError", answerUnreadable);
  return {
    start: async () => {
      await token?.check();
      const address = await listen(server, options);
      access = { ...access, host: address.host };
      if (!isLoopback(address.host) && token === null) log.warn({}, `${NEEDS_TOKEN}: it is closed`);
      return address;
    },
    stop: () => close(server),
  };
}

/** What could not be read as a request is told so in one sentence. */
function answerUnreadable(error: NodeJS.ErrnoException, socket: Duplex): void {
  answerFailure(socket, failureOf(error), null);
}

async function answer(request: IncomingMessage, response: ServerResponse, sources: Sources): Promise<void> {
  request.resume();
  response.on("error", () => response.destroy());
  const [path = ""] = (request.url ?? "").split("?");
  if (path === DEBUG || path.startsWith(`${DEBUG}/`)) {
    await sources.answerDebug(request, response, sources.access());
    return;
  }
  const readable = request.method === "GET" || request.method === "HEAD";
  if (path === METRICS && readable) {
    await answerMetrics(request, response, sources);
    return;
  }
  const page = pageFor(path, readable, sources);
  response.writeHead(page.status, {
    "Content-Type": page.contentType,
    "Content-Length": Buffer.byteLength(page.body),
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    ...(page.status === 405 ? { Allow: "GET, HEAD" } : {}),
  });
  response.end(request.method === "HEAD" ? undefined : page.body);
}

function pageFor(path: string, readable: boolean, sources: Sources): Page {
  const page = PAGES.get(path);
  if (page === undefined && path !== METRICS) {
    return { status: 404, contentType: "text/plain", body: `${LISTED.join("\n")}\n` };
  }
  if (page === undefined || !readable) return { status: 405, contentType: "text/plain", body: "GET or HEAD\n" };
  return page(sources);
}

async function listen(server: Server, { host, port, log }: AdminOptions): Promise<ListenAddress> {
  const address = await bind(server, { host, port });
  server.on("error", (error) => log.error({ error: error.message }, "the admin server failed"));
  return address;
}

function close(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  server.closeAllConnections();
  return promise;
}
