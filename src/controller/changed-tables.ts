import type { Tables } from "../table/tables.ts";

/** The tables that are not the very same as before; all of them at first. */
export function changedTables(before: Tables | null, after: Tables): Partial<Tables> {
  if (before === null) return after;
  return {
    ...(after.routing === before.routing ? {} : { routing: after.routing }),
    ...(after.endpoints === before.endpoints ? {} : { endpoints: after.endpoints }),
    ...(after.certificates === before.certificates ? {} : { certificates: after.certificates }),
  };
}
