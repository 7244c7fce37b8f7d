import { randomBytes } from "node:crypto";
import type { Secret } from "../../base/secret.ts";
import type { HostTlsIndex } from "../../table/select-host-tls.ts";

/** The 48 bytes that session tickets are sealed with at this moment: the same buffer for as long as they are the same. */
export type TicketKeys = () => Buffer;

/** The keys of the current table; where it has none, random ones that no other replica has. */
export function createTicketKeys(hostTls: () => HostTlsIndex): TicketKeys {
  const own = randomBytes(48);
  let bytes = own;
  let written: Secret | null = null;
  return () => {
    const { ticketKeys } = hostTls().table;
    if (ticketKeys === written) return bytes;
    written = ticketKeys;
    const next = ticketKeys === null ? own : Buffer.from(ticketKeys.reveal(), "base64");
    // A table that changed otherwise brings equal keys in another object.
    if (!next.equals(bytes)) bytes = next;
    return bytes;
  };
}
