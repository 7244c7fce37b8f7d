import http, { type IncomingMessage } from "node:http";
import https from "node:https";
import type { Clock } from "../base/ports.ts";
import { ApiFailure, failureOfError, failureOfStatus } from "./api-failure.ts";
import type { Connection } from "./connection.ts";
import { inTime } from "./in-time.ts";
import { type AnswerLimits, readJson, readLines, readMessage } from "./read-answer.ts";

/** Asks an API server. Every method rejects with an ApiFailure; an aborted signal ends it, too. */
export type ApiClient = {
  /** One JSON answer of bounded size. `accept` is application/json unless said otherwise. */
  readonly get: (path: string, signal: AbortSignal, accept?: string) => Promise<unknown>;
  /** The lines of an answer that goes on, as readLines gives them; `silent` after 90 s without a byte. */
  readonly lines: (path: string, signal: AbortSignal) => AsyncGenerator<readonly string[], void, void>;
  /** Closes every connection. */
  readonly close: () => void;
};

/** The first byte of an answer comes later only from a server that is stuck. */
const ANSWER_MS = 30_000;

/** A bookmark comes about once a minute. */
const WATCH_SILENCE_MS = 90_000;

/** Notices a vanished peer in under half a minute. */
const KEEP_ALIVE_MS = 15_000;

/** Lists and polls share connections; each watch has one of its own. */
const AGENT = { keepAlive: true, maxSockets: 256, maxFreeSockets: 4, timeout: 0 };

/** A client that follows no redirects and trusts the connection's CA alone. */
export function createApiClient(connection: Connection, clock: Clock): ApiClient {
  const { server } = connection;
  const isSecure = server.protocol === "https:";
  const agent = isSecure ? new https.Agent(AGENT) : new http.Agent(AGENT);
  const limits: AnswerLimits = { clock, silenceMs: ANSWER_MS };
  const prefix = server.pathname.replace(/\/+$/, "");

  const send = async (path: string, accept: string, signal: AbortSignal): Promise<IncomingMessage> => {
    const { headers, ...credentials } = await inTime(connection.credentials(), ANSWER_MS, clock, signal);
    const options = {
      agent,
      ...credentials,
      host: server.hostname.replace(/^\[|\]$/g, ""),
      port: server.port === "" ? (isSecure ? 443 : 80) : server.port,
      path: prefix + path,
      method: "GET",
      headers: { ...headers, host: server.host, accept, "user-agent": "fairlead" },
      signal,
    };
    return await answerOf(isSecure ? https.request(options) : http.request(options), clock);
  };

  const exchange = async (path: string, accept: string, signal: AbortSignal): Promise<IncomingMessage> => {
    const first = await send(path, accept, signal);
    if (first.statusCode !== 401) return await succeed(first, limits);
    first.destroy();
    connection.refresh();
    return await succeed(await send(path, accept, signal), limits);
  };

  return {
    get: async (path, signal, accept = "application/json") =>
      await readJson(await exchange(path, accept, signal), limits),
    lines: async function* (path, signal) {
      const response = await exchange(path, "application/json", signal);
      yield* readLines(response, { clock, silenceMs: WATCH_SILENCE_MS });
    },
    close: () => agent.destroy(),
  };
}

function answerOf(request: http.ClientRequest, clock: Clock): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const late = clock.after(ANSWER_MS, () => {
      request.destroy(new ApiFailure("unreachable", `the API server gave no answer within ${ANSWER_MS / 1_000} s`));
    });
    request.on("error", (error) => reject(failureOfError(error, false)));
    request.on("close", () => late.stop());
    request.on("socket", (socket) => socket.setKeepAlive(true, KEEP_ALIVE_MS));
    request.on("response", (response) => {
      late.stop();
      // A connection that breaks before anybody reads must not end the process; who reads is told all the same.
      response.on("error", () => {});
      resolve(response);
    });
    request.end();
  });
}

async function succeed(response: IncomingMessage, limits: AnswerLimits): Promise<IncomingMessage> {
  const { statusCode = 0, headers } = response;
  if (statusCode === 200) return response;
  throw failureOfStatus(statusCode, await readMessage(response, limits), headers["retry-after"]);
}
