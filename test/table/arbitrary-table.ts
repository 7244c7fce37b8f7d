import * as fc from "fast-check";
import type { HostPattern } from "../../src/table/routing-table.ts";
import { entryFor, forwardTo, requestFacts } from "../harness/build-table.ts";

const hostNames = ["a.example", "b.example", "x.a.example", "y.x.a.example", "example", "other"];
const host = fc.oneof(
  fc.constantFrom(...hostNames).map((name): HostPattern => ({ type: "exact", name })),
  fc
    .tuple(fc.constantFrom("one-label", "many-labels"), fc.constantFrom("example", "a.example", "x.a.example"))
    .map(([type, suffix]): HostPattern => ({ type, suffix })),
  fc.constant<HostPattern>({ type: "any" }),
);
const path = fc.array(fc.constantFrom("a", "b", "", "ab"), { maxLength: 3 }).map((parts) => `/${parts.join("/")}`);
const pathMatch = fc.oneof(
  path.map((value) => ({ type: "Exact" as const, value })),
  path.map((value) => ({ type: "PathPrefix" as const, value })),
  fc
    .constantFrom("/a.*", "/(a|b)", "/[^/]+/b", "/.*b", "/a?/.*")
    .map((value) => ({ type: "RegularExpression" as const, value })),
);
const fields = fc.array(
  fc.record({
    type: fc.constantFrom("Exact", "RegularExpression"),
    name: fc.constantFrom("x", "y"),
    value: fc.constantFrom("1", "2"),
  }),
  { maxLength: 2 },
);
const subprotocols = fc.subarray(["s", "t"]);
const match = fc.record({ path: pathMatch, headers: fields, queryParams: fields, subprotocols });
/** Random entries of one host. */
export const arbitraryEntries = fc
  .array(match, { maxLength: 6 })
  .map((matches) => matches.map((each, at) => entryFor(forwardTo([]), String(at), each)));
/** A table of random groups, sorted or not, whose patterns can all be read. */
export const arbitraryTable = fc.record({
  groups: fc.uniqueArray(fc.record({ host, entries: arbitraryEntries }), {
    maxLength: 6,
    selector: (group) => JSON.stringify(group.host),
  }),
  fallback: arbitraryEntries,
});
/** The facts of a random request, upgrade or plain, that has a chance to match. */
export const arbitraryFacts = fc
  .record({
    host: fc.constantFrom(...hostNames, "z.other"),
    path,
    query: fc.constantFrom("", "?x=1", "?y=2&x=1", "?x=2&x=1"),
    x: fc.constantFrom([], ["1"], ["2", "1"]),
    offered: fc.option(subprotocols),
  })
  .map(({ x, offered, ...rest }) =>
    requestFacts({
      ...rest,
      headers: new Map(x.length === 0 ? [] : [["x", x]]),
      webSocket: offered === null ? null : { key: "", subprotocols: offered, extensions: [] },
    }),
  );
