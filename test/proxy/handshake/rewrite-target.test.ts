import { describe, expect, it } from "vitest";
import { rewriteTarget } from "../../../src/proxy/handshake/rewrite-target.ts";
import type { Rewrite } from "../../../src/table/routing-table.ts";
import { requestFacts } from "../../harness/build-table.ts";

const replacePrefix = (value: string): Rewrite["path"] => ({ type: "ReplacePrefixMatch", value });

describe("rewriteTarget", () => {
  it.each<[string, string | null, Rewrite["path"], string]>([
    ["/foo/bar", "/foo", null, "/foo/bar"],
    ["/foo/bar", "/foo", replacePrefix("/xyz"), "/xyz/bar"],
    ["/foo/bar", "/foo", replacePrefix("/xyz/"), "/xyz/bar"],
    ["/foo", "/foo", replacePrefix("/xyz"), "/xyz"],
    ["/foo/", "/foo", replacePrefix("/xyz"), "/xyz/"],
    ["/foo/bar", "/foo", replacePrefix("/"), "/bar"],
    ["/foo", "/foo", replacePrefix("/"), "/"],
    ["/foo/", "/foo", replacePrefix("/"), "/"],
    ["/bar", "", replacePrefix("/xyz"), "/xyz/bar"],
    ["/", "", replacePrefix("/xyz"), "/xyz/"],
    ["/foo//bar", "/foo", replacePrefix("/xyz"), "/xyz//bar"],
    ["/foo/bar", null, replacePrefix("/xyz"), "/foo/bar"],
    ["/foo/bar", null, { type: "ReplaceFullPath", value: "/all" }, "/all"],
    ["/foo/bar", "/foo", { type: "ReplaceFullPath", value: "all" }, "/all"],
  ])("makes %s, matched by prefix %j, with %j into %s", (path, prefix, rewrite, target) => {
    expect(rewriteTarget(requestFacts({ path }), prefix, { hostname: null, path: rewrite })).toBe(target);
  });

  it("leaves the query as the client wrote it", () => {
    const facts = requestFacts({ path: "/a", query: "?x=%2e&y=/../" });
    expect(rewriteTarget(facts, "/a", { hostname: null, path: replacePrefix("/b") })).toBe("/b?x=%2e&y=/../");
  });
});
