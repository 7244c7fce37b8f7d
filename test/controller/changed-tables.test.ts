import { expect, it } from "vitest";
import { changedTables } from "../../src/controller/changed-tables.ts";
import type { Tables } from "../../src/table/tables.ts";

const TABLES: Tables = {
  routing: { groups: [], fallback: [] },
  endpoints: new Map(),
  certificates: { certificates: new Map(), hosts: [], fallback: null, ticketKeys: null },
};

it("names every table at first, and later those that are not the very same", () => {
  expect(changedTables(null, TABLES)).toEqual(TABLES);
  expect(changedTables(TABLES, { ...TABLES })).toEqual({});
  const endpoints = new Map();
  const changed = changedTables(TABLES, { ...TABLES, endpoints });
  expect(Object.keys(changed)).toEqual(["endpoints"]);
  expect(changed.endpoints).toBe(endpoints);
});
