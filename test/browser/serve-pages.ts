import type { RequestListener } from "node:http";
import type { WebSocketRouteRule } from "../../src/api/websocket-route.ts";
import { makeSelfSigned, type PemPair } from "../../src/cli/self-signed.ts";
import { createManifestDirectory } from "../files/manifest-directory.ts";
import { type Manifest, manifestText, route, rule, service, tlsSecret } from "../harness/manifests.ts";
import { type CliServer, serveByCli } from "../harness/start-cli.ts";

/** The certificate of the servers of this file, for the name that pages are loaded from. */
export function makePagePair(): Promise<PemPair> {
  return makeSelfSigned(["localhost"]);
}

/** A page without a script of its own. */
export const answerPage: RequestListener = (request, response) => {
  request.resume();
  response.writeHead(200, { "Content-Type": "text/html" });
  response.end("<!doctype html><title>page</title>");
};

/** What is served beside a page at `/`: rules that come first, and their objects. */
export type Served = {
  readonly backend: number;
  readonly pair: PemPair;
  readonly rules: readonly WebSocketRouteRule[];
  readonly more?: readonly Manifest[];
};

/** A Fairlead in a process of its own, for ws and wss by the name localhost; a backend's page and WebSockets are behind it. */
export async function servePages({ backend, pair, rules, more = [] }: Served): Promise<CliServer> {
  const directory = await createManifestDirectory();
  const objects = [
    service("echo", [backend]),
    route("pages", [...rules, rule("all", "/", ["echo"])]),
    tlsSecret("pair", pair),
    ...more,
  ];
  await directory.write({ "all.json": manifestText(...objects) });
  return await serveByCli(directory.root, [
    "--default-certificate",
    "default/pair",
    "--propagation-delay",
    "0s",
    "--grace-period",
    "30s",
  ]);
}
