import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { onTestFinished } from "vitest";
import { makeSelfSigned, type PemPair } from "../../src/cli/self-signed.ts";
import type { Connection } from "../../src/kube/connection.ts";
import { sentinel } from "../harness/sentinels.ts";
import { type ClusterEvent, createFakeCluster, type FakeCluster } from "./fake-cluster.ts";

/** A request as the server understood it. */
export type ApiRequest = {
  readonly group: string;
  readonly version: string;
  readonly namespace: string | null;
  readonly plural: string;
  /** Null for a collection. */
  readonly name: string | null;
  readonly query: URLSearchParams;
  readonly accept: string;
  readonly isWatch: boolean;
};

/** Answers in place of the server; false leaves the request to it. */
export type Intervention = (request: ApiRequest, response: ServerResponse) => boolean;

/** An API server that speaks list, get and watch over TLS, as far as a reader goes, and misbehaves when it is told to. */
export type FakeApiServer = {
  readonly cluster: FakeCluster;
  readonly url: () => string;
  readonly ca: string;
  readonly token: string;
  /** Every request that carried a token that is accepted. */
  readonly requests: readonly ApiRequest[];
  readonly connection: () => Connection;
  /** Asked about each request, the latest first. */
  readonly intervene: (intervention: Intervention) => () => void;
  /** Accepts this token alone from now on. */
  readonly setToken: (token: string) => void;
  /** Writes raw text into every open watch of a kind. */
  readonly tellWatches: (plural: string, text: string) => void;
  /** Ends every open watch: as a server does when its time is over, or by cutting the connection. */
  readonly endWatches: (how: "end" | "cut") => void;
  readonly watches: () => number;
  /** From now on watches stay open and say nothing. */
  readonly stall: () => void;
  readonly stop: () => Promise<void>;
  /** Listens again, where it listened before. */
  readonly restart: () => Promise<void>;
};

const PATH =
  /^\/(?:api|apis\/(?<group>[^/]+))\/(?<version>v[^/]+)(?:\/namespaces\/(?<namespace>[^/]+))?\/(?<plural>[a-z]+)(?:\/(?<name>[^/]+))?$/;

type Watch = { readonly request: ApiRequest; readonly response: ServerResponse; sent: number };

/** Starts one, and stops it after the test. */
export async function startFakeApiServer(): Promise<FakeApiServer> {
  const cluster = createFakeCluster();
  const pair = await makeSelfSigned(["localhost", "127.0.0.1"]);
  const token = sentinel("service-account-token");
  const state = { token, isStalled: false, port: 0 };
  const requests: ApiRequest[] = [];
  const interventions: Intervention[] = [];
  const watches = new Set<Watch>();
  const feed = (watch: Watch): void => {
    if (state.isStalled) return;
    const events = cluster.since(watch.request.plural, watch.request.namespace, watch.sent) ?? [];
    for (const event of events) {
      watch.sent = event.version;
      watch.response.write(lineOf(event));
    }
  };
  cluster.follow(() => watches.forEach(feed));
  const startWatch = (request: ApiRequest, response: ServerResponse): void => {
    const from = Number(request.query.get("resourceVersion"));
    if (cluster.since(request.plural, request.namespace, from) === null) {
      response.end(errorLine(410, "Expired"));
      return;
    }
    response.writeHead(200, { "content-type": "application/json" });
    response.flushHeaders();
    const watch = { request, response, sent: from };
    watches.add(watch);
    response.on("close", () => watches.delete(watch));
    feed(watch);
  };
  const answer = (incoming: IncomingMessage, response: ServerResponse): void => {
    if (incoming.headers.authorization !== `Bearer ${state.token}`) return sendStatus(response, 401, "Unauthorized");
    const request = readRequest(incoming);
    if (request === null) return sendStatus(response, 404, "the server could not find the requested resource");
    requests.push(request);
    if (interventions.toReversed().some((intervene) => intervene(request, response))) return;
    if (request.plural === "secrets" && request.name === null) return sendForbidden(response, request);
    if (request.isWatch) return startWatch(request, response);
    if (request.name === null) return sendPage(response, request, cluster);
    return sendObject(response, request, cluster);
  };
  let server = await listen(pair, answer, 0);
  state.port = (server.address() as AddressInfo).port;
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    server.close();
    if (server.listening) await once(server, "close");
  };
  onTestFinished(stop);
  return {
    cluster,
    url: () => `https://127.0.0.1:${state.port}`,
    ca: pair.chain,
    token,
    requests,
    connection: () => ({
      server: new URL(`https://127.0.0.1:${state.port}`),
      isVerified: true,
      credentials: () => Promise.resolve({ ca: pair.chain, headers: { authorization: `Bearer ${token}` } }),
      refresh: () => {},
    }),
    intervene: (intervention) => {
      interventions.push(intervention);
      return () => void interventions.splice(interventions.indexOf(intervention), 1);
    },
    setToken: (next) => {
      state.token = next;
    },
    tellWatches: (plural, text) => {
      for (const { request, response } of watches) if (request.plural === plural) response.write(text);
    },
    endWatches: (how) => {
      for (const { response } of watches) {
        if (how === "end") response.end();
        else response.destroy();
      }
    },
    watches: () => watches.size,
    stall: () => {
      state.isStalled = true;
    },
    stop,
    restart: async () => {
      server = await listen(pair, answer, state.port);
    },
  };
}

async function listen(
  pair: PemPair,
  answer: (incoming: IncomingMessage, response: ServerResponse) => void,
  port: number,
): Promise<Server> {
  const server = createServer({ cert: pair.chain, key: pair.key }, answer);
  const quiet = (socket: Socket): void => void socket.on("error", () => {});
  server
    .on("connection", quiet)
    .on("secureConnection", quiet)
    .on("tlsClientError", () => {});
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return server;
}

function readRequest({ url, method, headers }: IncomingMessage): ApiRequest | null {
  const { pathname, searchParams: query } = new URL(String(url), "https://server");
  const found = PATH.exec(pathname)?.groups;
  if (found === undefined || method !== "GET") return null;
  const { group = "", version = "", namespace = null, plural = "", name = null } = found;
  const accept = String(headers.accept);
  return { group, version, namespace, plural, name, query, accept, isWatch: query.get("watch") === "1" };
}

function sendPage(response: ServerResponse, request: ApiRequest, cluster: FakeCluster): void {
  const all = cluster.list(request.plural, request.namespace);
  const limit = Number(request.query.get("limit") ?? "500");
  const from = Number(request.query.get("continue") ?? "0");
  const rest = from + limit < all.length ? { continue: String(from + limit) } : {};
  sendJson(response, 200, {
    kind: "List",
    apiVersion: "v1",
    metadata: { resourceVersion: String(cluster.version()), ...rest },
    // An API server's list does not say of each item what it is.
    items: all.slice(from, from + limit).map(({ apiVersion: _version, kind: _kind, ...item }) => item),
  });
}

function sendObject(response: ServerResponse, request: ApiRequest, cluster: FakeCluster): void {
  const object = cluster.list(request.plural, request.namespace).find(({ metadata }) => metadata.name === request.name);
  if (object === undefined) return sendStatus(response, 404, `${request.plural} "${request.name}" not found`);
  if (!request.accept.includes("as=PartialObjectMetadata")) return sendJson(response, 200, object);
  const { metadata } = object;
  return sendJson(response, 200, { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata });
}

/** Answers 403 as RBAC does. */
export function sendForbidden(response: ServerResponse, request: ApiRequest): void {
  sendStatus(response, 403, `${request.plural} is forbidden: User "system:serviceaccount:x:y" cannot list resource`);
}

/** Answers with a Status object. */
export function sendStatus(
  response: ServerResponse,
  code: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  sendJson(response, code, { kind: "Status", apiVersion: "v1", status: "Failure", code, message }, headers);
}

/** Answers with any JSON. */
export function sendJson(
  response: ServerResponse,
  code: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(code, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
}

/** A line of a watch. */
export function lineOf({ type, object }: Pick<ClusterEvent, "type" | "object">): string {
  return `${JSON.stringify({ type, object })}\n`;
}

/** The line by which a watch says that it cannot go on. */
export function errorLine(code: number, message: string): string {
  return `${JSON.stringify({ type: "ERROR", object: { kind: "Status", code, message } })}\n`;
}

/** The line that says how far a watch has come. */
export function bookmarkLine(version: number): string {
  return `${JSON.stringify({ type: "BOOKMARK", object: { metadata: { resourceVersion: String(version) } } })}\n`;
}
