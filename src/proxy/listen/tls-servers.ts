import { constants } from "node:crypto";
import type { Socket } from "node:net";
import { createServer, type SecureContext, type Server, type TLSSocket, type TlsOptions } from "node:tls";
import { messageOf } from "../../base/message-of.ts";
import type { Log } from "../../base/ports.ts";
import type { HostTls, TlsVersion } from "../../table/certificate-table.ts";
import { type HostTlsIndex, selectHostTls } from "../../table/select-host-tls.ts";
import { normaliseServerName } from "./client-hello.ts";
import { createTicketKeys, type TicketKeys } from "./ticket-keys.ts";
import { contextKey, createTlsContexts, readIdentity, type TlsContexts } from "./tls-contexts.ts";

/** AEAD suites with forward secrecy, those of TLS 1.3 first (RFC 9325 4.2). */
export const DEFAULT_CIPHERS = [
  "TLS_AES_128_GCM_SHA256",
  "TLS_AES_256_GCM_SHA384",
  "TLS_CHACHA20_POLY1305_SHA256",
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-RSA-CHACHA20-POLY1305",
].join(":");

/** How TLS is spoken; times in ms. */
export type TlsSettings = {
  /** OpenSSL's names, separated by colons. */
  readonly ciphers: string;
  /** For the ClientHello to arrive, and again for the handshake to be done. */
  readonly handshakeMs: number;
  /** How many certificates are held ready. */
  readonly contexts: number;
};

/** The settings of 02-protocol. */
export const TLS_DEFAULTS: TlsSettings = { ciphers: DEFAULT_CIPHERS, handshakeMs: 5000, contexts: 1000 };

/** The TLS servers behind one port: one for each TLS policy, because Node enforces a policy for a whole server only. */
export type TlsServers = {
  /** Does the handshake on a connection of which the ClientHello was peeked at and put back; false when no certificate may be shown. */
  readonly receive: (socket: Socket, serverName: string | null) => boolean;
};

/** Makes the servers; `secured` gets each connection after its handshake. Certificates are looked up for each connection, so a new table serves at once. */
export function createTlsServers(
  hostTls: () => HostTlsIndex,
  settings: TlsSettings,
  secured: (socket: TLSSocket) => void,
  log: Log,
): TlsServers {
  const ticketKeys = createTicketKeys(hostTls);
  const contexts = createTlsContexts(settings.contexts, settings.ciphers);
  const servers = new Map<TlsVersion, PolicyServer>();
  return {
    receive: (socket, serverName) => {
      const host = selectHostTls(hostTls(), serverName);
      if (host === null) return false;
      const server =
        servers.get(host.minVersion) ??
        new PolicyServer(host.minVersion, settings, { hostTls, contexts, ticketKeys, secured, log });
      servers.set(host.minVersion, server);
      return server.receive(socket, serverName);
    },
  };
}

type Parts = {
  readonly hostTls: () => HostTlsIndex;
  readonly contexts: TlsContexts;
  readonly ticketKeys: TicketKeys;
  readonly secured: (socket: TLSSocket) => void;
  readonly log: Log;
};

// A TLS server without a port, for all hosts with one minVersion: the context that an SNICallback chooses decides on the
// certificate alone, everything else comes from the server.
class PolicyServer {
  readonly #server: Server;
  readonly #minVersion: TlsVersion;
  readonly #options: TlsOptions;
  readonly #parts: Parts;
  #namelessKey: string | null = null;
  #ticketKeys: Buffer;

  constructor(minVersion: TlsVersion, settings: TlsSettings, parts: Parts) {
    this.#minVersion = minVersion;
    this.#parts = parts;
    this.#ticketKeys = parts.ticketKeys();
    this.#options = {
      minVersion,
      ciphers: settings.ciphers,
      secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
      // Equal on all replicas, unlike Node's default, and another for each policy: a session goes on under its own alone.
      sessionIdContext: `fairlead ${minVersion}`,
    };
    this.#server = createServer({
      ...this.#options,
      ticketKeys: this.#ticketKeys,
      handshakeTimeout: settings.handshakeMs,
      ALPNProtocols: ["http/1.1"],
      SNICallback: (name, done) => this.#choose(name, done),
    });
    this.#server.on("secureConnection", (socket) => {
      socket.disableRenegotiation();
      socket.on("error", () => socket.destroy());
      parts.secured(socket);
    });
    this.#server.on("tlsClientError", (_error, socket) => socket.destroy());
  }

  receive(socket: Socket, serverName: string | null): boolean {
    this.#renewTicketKeys();
    if (serverName === null && !this.#prepareNameless()) return false;
    this.#server.emit("connection", socket);
    return true;
  }

  // Tickets are sealed and opened with the keys of the server, whichever context was chosen by name; nothing else
  // depends on them, live connections least of all.
  #renewTicketKeys(): void {
    const keys = this.#parts.ticketKeys();
    if (keys === this.#ticketKeys) return;
    this.#ticketKeys = keys;
    this.#server.setTicketKeys(keys);
  }

  // Without a server name no callback is asked: the server's own certificate is shown, which must be the current one.
  #prepareNameless(): boolean {
    const { table } = this.#parts.hostTls();
    const { fallback } = table;
    if (fallback === null) return false;
    const key = contextKey(fallback.certificates);
    if (key === this.#namelessKey) return true;
    try {
      const identity = readIdentity(table, fallback);
      this.#server.setSecureContext({ ...this.#options, ticketKeys: this.#ticketKeys, ...identity });
      this.#namelessKey = key;
      return true;
    } catch (error) {
      this.#report(error, null);
      return false;
    }
  }

  // An error thrown from here would end the process (CVE-2026-21637).
  #choose(name: string, done: (error: Error | null, context?: SecureContext) => void): void {
    try {
      done(null, this.#contextOf(normaliseServerName(name)));
    } catch (error) {
      this.#report(error, name);
      done(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #contextOf(name: string): SecureContext {
    const { table, hosts } = this.#parts.hostTls();
    const host: HostTls | null = selectHostTls({ table, hosts }, name);
    // OpenSSL may have read another name than the peek did; it must not lead to a weaker policy.
    if (host?.minVersion !== this.#minVersion) throw new Error("no certificate for this server name under this policy");
    return this.#parts.contexts.get(table, host);
  }

  #report(error: unknown, serverName: string | null): void {
    const reason = messageOf(error);
    this.#parts.log.warn({ serverName, reason }, "a TLS connection was refused for lack of a certificate");
  }
}
