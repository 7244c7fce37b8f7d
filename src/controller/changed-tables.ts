import { isDeepStrictEqual } from "node:util";
import type { CertificateTable } from "../table/certificate-table.ts";
import type { Tables } from "../table/tables.ts";

/**
 * Keeps tables that are equal to the ones before as they were, so that nothing is rebuilt for them. The keys of
 * certificates are not looked at, and need not be: ids are hashes of them. Those of session tickets have no id.
 */
export function keepEqualTables(before: Tables, after: Tables): Tables {
  const keep = <Name extends keyof Tables>(name: Name): Tables[Name] =>
    before[name] === after[name] || isDeepStrictEqual(before[name], after[name]) ? before[name] : after[name];
  const sameTickets = haveEqualTicketKeys(before.certificates, after.certificates);
  return {
    routing: keep("routing"),
    endpoints: keep("endpoints"),
    certificates: sameTickets ? keep("certificates") : after.certificates,
  };
}

function haveEqualTicketKeys(
  { ticketKeys: before }: CertificateTable,
  { ticketKeys: after }: CertificateTable,
): boolean {
  return before === null || after === null ? before === after : before.equals(after);
}

/** The tables that are not the same as before; all of them at first. */
export function changedTables(before: Tables | null, after: Tables): Partial<Tables> {
  if (before === null) return after;
  return {
    ...(after.routing === before.routing ? {} : { routing: after.routing }),
    ...(after.endpoints === before.endpoints ? {} : { endpoints: after.endpoints }),
    ...(after.certificates === before.certificates ? {} : { certificates: after.certificates }),
  };
}
