import { describe, expect, it } from "vitest";
import type { RequestFacts } from "../../src/base/request-facts.ts";
import { allowedOrigins } from "../../src/policy/allowed-origins.ts";
import { POLICIES } from "../../src/policy/index.ts";
import type { Decision } from "../../src/policy/policy.ts";
import { requestFacts } from "../harness/build-table.ts";

const allowed = { allowed: true };
const refused = expect.objectContaining({ allowed: false, failure: "ForbiddenOrigin" });

describe("allowedOrigins", () => {
  it.each([
    ["https://app.example", ["https://app.example"]],
    ["https://app.example:443", ["https://app.example"]],
    ["https://app.example", ["https://app.example:443"]],
    ["HTTPS://APP.EXAMPLE", ["https://app.example"]],
    ["http://app.example:8080", ["https://app.example", "http://app.example:8080"]],
    ["https://a.example.com", ["https://*.example.com"]],
    ["https://a.b.example.com", ["https://*.example.com"]],
    ["https://[::1]:8443", ["https://[::1]:8443"]],
    ["ws://app.example", ["ws://app.example:80"]],
    ["app://-", ["app://-"]],
    ["null", ["https://app.example", "null"]],
  ])("lets %s in when %j are allowed", (origin, written) => {
    expect(judge(written, [origin])).toEqual(allowed);
  });

  it.each([
    ["https://other.example", ["https://app.example"]],
    ["http://app.example", ["https://app.example"]],
    ["https://app.example:8443", ["https://app.example"]],
    ["https://app.example", ["https://app.example:8443"]],
    ["https://app.example.evil.com", ["https://app.example"]],
    ["https://evilapp.example", ["https://app.example"]],
    ["https://app.example.", ["https://app.example"]],
    ["https://app.example/", ["https://app.example"]],
    ["https://app.example@evil.com", ["https://app.example"]],
    ["https://evil.com#https://app.example", ["https://app.example"]],
    [" https://app.example", ["https://app.example"]],
    ["https://example.com", ["https://*.example.com"]],
    ["https://.example.com", ["https://*.example.com"]],
    ["https://evilexample.com", ["https://*.example.com"]],
    ["https://a.example.com.evil.com", ["https://*.example.com"]],
    ["http://a.example.com", ["https://*.example.com"]],
    ["https://a.example.com:8443", ["https://*.example.com"]],
    ["https://*.example.com", ["https://*.example.com"]],
    ["null", ["https://app.example"]],
    ["", ["https://app.example"]],
    ["app.example", ["https://app.example"]],
    ["https://app.example", ["null"]],
    ["file://", ["null", "https://app.example"]],
  ])("refuses %j when %j are allowed", (origin, written) => {
    expect(judge(written, [origin])).toEqual(refused);
  });

  it("refuses a request that names two origins, though each is allowed", () => {
    const written = ["https://app.example", "https://b.example"];
    expect(judge(written, written)).toEqual(refused);
    expect(judge(written, ["https://app.example, https://b.example"])).toEqual(refused);
  });

  it("lets a request without Origin in: no browser sent it", () => {
    expect(judge(["https://app.example"], undefined)).toEqual(allowed);
  });

  it.each([
    "*",
    "https://*",
    "https://",
    "app.example",
    "https://app.example/path",
    "https://a.*.example",
    "https://app.example:99999",
    "//app.example",
    "https://user@app.example",
    "https://app.example\n",
    "",
  ])("cannot read %j, and says where it stands and what was expected", (text) => {
    expect(allowedOrigins.parse(["https://fine.example", text])).toEqual({
      ok: false,
      field: "[1]",
      value: text,
      expected: expect.stringContaining("https://*.example.com"),
    });
  });

  it("parses into plain data that survives structured cloning", () => {
    const parsed = allowedOrigins.parse(["https://*.example.com:8443", "null"]);
    expect(parsed).toEqual({
      ok: true,
      config: { opaque: true, origins: [{ scheme: "https", host: "example.com", port: 8443, subdomains: true }] },
    });
    expect(structuredClone(parsed)).toEqual(parsed);
  });

  it("is enforced: it stands in the list of policies", () => {
    expect(POLICIES).toContain(allowedOrigins);
  });
});

function judge(written: readonly string[], origins: readonly string[] | undefined): Decision {
  const parsed = allowedOrigins.parse(written);
  if (!parsed.ok) throw new Error(`cannot read ${parsed.value}`);
  const headers = new Map(origins === undefined ? [] : [["origin", origins] as const]);
  const facts: RequestFacts = requestFacts({ headers });
  return allowedOrigins.gate(parsed.config)(facts);
}
