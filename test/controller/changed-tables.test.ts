import { describe, expect, it } from "vitest";
import { Secret } from "../../src/base/secret.ts";
import { keepEqualTables } from "../../src/controller/changed-tables.ts";
import type { Tables } from "../../src/table/tables.ts";

function tablesWith(ticketKeys: string | null): Tables {
  return {
    routing: { groups: [], fallback: [] },
    endpoints: new Map(),
    certificates: {
      certificates: new Map(),
      hosts: [],
      fallback: null,
      ticketKeys: ticketKeys === null ? null : new Secret(ticketKeys),
    },
  };
}

describe("certificates that differ in nothing but the keys of session tickets", () => {
  it.each([
    ["one", "two"],
    ["one", null],
    [null, "one"],
  ])("are other tables: %s, then %s", (first, second) => {
    const [before, after] = [tablesWith(first), tablesWith(second)];
    const kept = keepEqualTables(before, after);
    expect(kept.certificates).toBe(after.certificates);
    expect(kept.routing).toBe(before.routing);
  });

  it.each(["one", null])("stay the same tables if those are equal: %s", (keys) => {
    const before = tablesWith(keys);
    expect(keepEqualTables(before, tablesWith(keys)).certificates).toBe(before.certificates);
  });
});
