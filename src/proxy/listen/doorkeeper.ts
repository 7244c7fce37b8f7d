import type { Socket } from "node:net";
import { onceGone } from "../../base/connection-life.ts";
import type { FailureName } from "../../base/failures.ts";
import type { Arrival } from "../../base/request-facts.ts";
import { clientKey } from "./client-key.ts";

/** How many connections may be open, over all listeners of a process. */
export type DoorLimits = {
  readonly clients: number;
  /** From one client; 0 is no limit. */
  readonly perClient: number;
  /** From one client, before its first request. */
  readonly silentPerClient: number;
  /** Between the first byte and the end of the TLS handshake. */
  readonly tlsHandshakes: number;
};

/** Figures for /healthz and metrics. */
export type DoorCounts = {
  readonly open: number;
  /** Of the open ones, those that have not asked for anything yet. */
  readonly silent: number;
  readonly tlsHandshakes: number;
  /** Client addresses with an open connection. */
  readonly clients: number;
};

/** Lets connections in at accept, before a byte of theirs was read. It remembers nobody who has no connection open. */
export type Doorkeeper = {
  /** Enters a connection until it is gone; or says why it must be closed. */
  readonly enter: (socket: Socket, arrival: Arrival) => FailureName | null;
  /** The TLS handshake of a connection is done. */
  readonly secured: (arrival: Arrival) => void;
  /** The head of a request was read. */
  readonly spoke: (arrival: Arrival) => void;
  readonly counts: () => DoorCounts;
};

type Client = { open: number; silent: number };
type Visit = { readonly client: Client; handshaking: boolean };

/** Makes a doorkeeper; `exempt` clients, such as load balancers that speak for many, have no limit of their own. */
export function createDoorkeeper(limits: DoorLimits, exempt: (address: string) => boolean): Doorkeeper {
  const clients = new Map<string, Client>();
  const silent = new Map<string, Visit>();
  let open = 0;
  let tlsHandshakes = 0;

  const refusal = (client: Client | undefined, { peerAddress, secure }: Arrival): FailureName | null => {
    if (open >= limits.clients) return "TooManySockets";
    if (secure && tlsHandshakes >= limits.tlsHandshakes) return "TooManyTlsHandshakes";
    if (client === undefined || exempt(peerAddress)) return null;
    const crowded = limits.perClient > 0 && client.open >= limits.perClient;
    return crowded || client.silent >= limits.silentPerClient ? "TooManyFromClient" : null;
  };
  const secured = (visit: Visit | undefined): void => {
    if (visit?.handshaking !== true) return;
    visit.handshaking = false;
    tlsHandshakes -= 1;
  };
  const spoke = (name: string): void => {
    const visit = silent.get(name);
    if (visit === undefined) return;
    secured(visit);
    visit.client.silent -= 1;
    silent.delete(name);
  };
  return {
    enter: (socket, arrival) => {
      const key = clientKey(arrival.peerAddress);
      const failure = refusal(clients.get(key), arrival);
      if (failure !== null) return failure;
      const client = clients.get(key) ?? { open: 0, silent: 0 };
      clients.set(key, client);
      const name = nameOf(arrival);
      // A connection that was reset, and whose end we have not heard of yet, may have had the same name.
      spoke(name);
      const visit = { client, handshaking: arrival.secure };
      silent.set(name, visit);
      open += 1;
      client.open += 1;
      client.silent += 1;
      if (arrival.secure) tlsHandshakes += 1;
      onceGone(socket, () => {
        if (silent.get(name) === visit) spoke(name);
        open -= 1;
        client.open -= 1;
        if (client.open === 0) clients.delete(key);
      });
      return null;
    },
    secured: (arrival) => secured(silent.get(nameOf(arrival))),
    spoke: (arrival) => spoke(nameOf(arrival)),
    counts: () => ({ open, silent: silent.size, tlsHandshakes, clients: clients.size }),
  };
}

/** The two ends of a TCP connection name it for as long as it is open. */
function nameOf({ peerAddress, peerPort, localAddress, localPort }: Arrival): string {
  return `${peerAddress} ${peerPort} ${localAddress} ${localPort}`;
}
