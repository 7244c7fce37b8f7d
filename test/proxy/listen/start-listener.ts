import type { IncomingMessage } from "node:http";
import { onTestFinished } from "vitest";
import type { FailureName } from "../../../src/base/failures.ts";
import type { Log, LogFields } from "../../../src/base/ports.ts";
import type { Arrival } from "../../../src/base/request-facts.ts";
import { systemClock } from "../../../src/base/system-clock.ts";
import type { Doorkeeper } from "../../../src/proxy/listen/doorkeeper.ts";
import { type Listener, startHttpListener } from "../../../src/proxy/listen/http-listener.ts";
import { HTTP_DEFAULTS, type HttpHandlers } from "../../../src/proxy/listen/http-server.ts";
import { type HttpsSettings, startHttpsListener } from "../../../src/proxy/listen/https-listener.ts";
import { createLiveTable, type LiveTable } from "../../../src/proxy/listen/live-table.ts";
import { TLS_DEFAULTS } from "../../../src/proxy/listen/tls-servers.ts";
import type { CertificateTable } from "../../../src/table/certificate-table.ts";
import { openDoor } from "../../harness/open-door.ts";

/** What reached the handlers and the log, in order. */
export type Seen = {
  readonly requests: { readonly url: string | undefined; readonly arrival: Arrival }[];
  readonly upgrades: { readonly url: string | undefined; readonly arrival: Arrival; readonly head: string }[];
  readonly rejected: { readonly failure: FailureName; readonly detail: string; readonly arrival: Arrival }[];
  readonly crashed: unknown[];
  readonly logged: LogFields[];
};

export type Started = Listener & { readonly seen: Seen; readonly port: number; readonly live: LiveTable };

const LOOPBACK = { host: "127.0.0.1", port: 0 };

/** A listener whose plain requests are answered `hello`, and whose upgraded connections echo. It is gone when the test ends. */
export async function startPlain(
  settings: Partial<typeof HTTP_DEFAULTS> = {},
  handlers: Partial<HttpHandlers> = {},
  doorkeeper: Doorkeeper = openDoor(),
): Promise<Started> {
  const seen = emptySeen();
  const made = echoHandlers(seen, handlers);
  const listener = await startHttpListener(LOOPBACK, { ...HTTP_DEFAULTS, ...settings }, made, {
    log: logInto(seen),
    doorkeeper,
  });
  return finish(listener, seen, createLiveTable([], systemClock));
}

/** The same over TLS, with these certificates. */
export async function startTls(
  certificates: CertificateTable,
  settings: Partial<HttpsSettings> = {},
  handlers: Partial<HttpHandlers> = {},
  doorkeeper: Doorkeeper = openDoor(),
): Promise<Started> {
  const seen = emptySeen();
  const live = createLiveTable([], systemClock);
  live.publish({ certificates });
  const all: HttpsSettings = { ...HTTP_DEFAULTS, tls: TLS_DEFAULTS, hostTls: live.hostTls, ...settings };
  const ports = { log: logInto(seen), clock: systemClock, doorkeeper };
  return finish(await startHttpsListener(LOOPBACK, all, echoHandlers(seen, handlers), ports), seen, live);
}

function finish(listener: Listener, seen: Seen, live: LiveTable): Started {
  onTestFinished(() => {
    listener.stopAccepting();
    listener.cut();
  });
  return { ...listener, seen, live, port: listener.address.port };
}

function emptySeen(): Seen {
  return { requests: [], upgrades: [], rejected: [], crashed: [], logged: [] };
}

function echoHandlers(seen: Seen, changes: Partial<HttpHandlers>): HttpHandlers {
  return {
    isUpgrade: (request: IncomingMessage) => request.headers.upgrade === "websocket",
    request: (request, response, arrival) => {
      seen.requests.push({ url: request.url, arrival });
      request.resume();
      response.end("hello");
    },
    upgrade: (request, socket, head, arrival) => {
      seen.upgrades.push({ url: request.url, arrival, head: head.toString() });
      socket.on("error", () => socket.destroy());
      socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
      socket.write(head);
      socket.pipe(socket);
    },
    rejected: (failure, detail, arrival) => `rejected-${seen.rejected.push({ failure, detail, arrival })}`,
    crashed: (error) => seen.crashed.push(error),
    ...changes,
  };
}

function logInto(seen: Seen): Log {
  const line = (fields: LogFields): void => {
    seen.logged.push(fields);
  };
  return { debug: line, info: line, warn: line, error: line };
}
