import { describe, expect, it } from "vitest";
import type { Field, RequestFacts } from "../../../src/base/request-facts.ts";
import { findClientAddress, findScheme, withForwardedFields } from "../../../src/proxy/handshake/forwarded-fields.ts";
import { groupFields } from "../../../src/proxy/handshake/header-fields.ts";
import { createTrustedProxies, trustNobody } from "../../../src/proxy/handshake/trusted-proxies.ts";
import { requestFacts } from "../../harness/build-table.ts";

const trusted = createTrustedProxies(["10.0.0.0/8", "192.0.2.1"]);

describe("findClientAddress", () => {
  it.each<[string, string, readonly string[], string]>([
    ["an untrusted peer is the client, whatever it claims", "203.0.113.9", ["1.1.1.1"], "203.0.113.9"],
    ["a trusted peer without claims is the client", "10.0.0.1", [], "10.0.0.1"],
    ["the right-most untrusted address counts", "10.0.0.1", ["6.6.6.6, 203.0.113.9, 10.0.0.2"], "203.0.113.9"],
    ["several fields are one list", "10.0.0.1", ["6.6.6.6", "203.0.113.9", "10.0.0.2"], "203.0.113.9"],
    ["if all are trusted the left-most counts", "10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.3"],
    ["a mapped peer equals its IPv4 address", "::ffff:10.0.0.1", ["203.0.113.9"], "203.0.113.9"],
    ["ports and brackets are left off", "10.0.0.1", ["[2001:DB8::9]:4711"], "2001:db8::9"],
    ["ports of IPv4 addresses too", "10.0.0.1", ["203.0.113.9:4711"], "203.0.113.9"],
    ["rubbish ends the search", "10.0.0.1", ["203.0.113.9, unknown, 10.0.0.2"], "10.0.0.2"],
    ["rubbish next to the peer leaves the peer", "10.0.0.1", ["203.0.113.9, <script>"], "10.0.0.1"],
    [
      "fifty hops are walked",
      "10.0.0.1",
      ["203.0.113.9", ...Array.from({ length: 50 }, () => "10.9.9.9")],
      "203.0.113.9",
    ],
  ])("%s", (_, peer, claimed, client) => {
    expect(findClientAddress(peer, claimed, trusted)).toBe(client);
  });
});

describe("findScheme", () => {
  it.each<[string, boolean, readonly Field[], "http" | "https"]>([
    ["203.0.113.9", false, [["X-Forwarded-Proto", "https"]], "http"],
    ["203.0.113.9", true, [["X-Forwarded-Proto", "http"]], "https"],
    ["192.0.2.1", false, [["X-Forwarded-Proto", "https"]], "https"],
    ["192.0.2.1", false, [["X-Forwarded-Proto", "WSS"]], "https"],
    ["192.0.2.1", true, [["X-Forwarded-Proto", "ws"]], "http"],
    ["192.0.2.1", true, [["X-Forwarded-Proto", "gopher"]], "https"],
    ["192.0.2.1", false, [], "http"],
  ])("for peer %s, TLS %s, %j it is %s", (peerAddress, secure, fields, scheme) => {
    expect(findScheme(factsOf(fields, { peerAddress, secure }), trusted)).toBe(scheme);
  });
});

describe("withForwardedFields", () => {
  const forged: readonly Field[] = [
    ["X-Forwarded-For", "1.1.1.1"],
    ["x-forwarded-for", "2.2.2.2"],
    ["X-Forwarded-Proto", "https"],
    ["X-FORWARDED-HOST", "evil.example"],
    ["X-Forwarded-Port", "1"],
    ["X-Forwarded-Scheme", "https"],
    ["X-Forwarded-Prefix", "/evil"],
    ["X-Forwarded-Ssl", "on"],
    ["X-Real-IP", "3.3.3.3"],
    ["Forwarded", "for=4.4.4.4"],
    ["X-Request-Id", "evil"],
    ["X-Kept", "yes"],
  ];

  it("drops every claim of an untrusted peer and writes what we know", () => {
    const facts = factsOf(forged, { peerAddress: "203.0.113.9" });
    expect(withForwardedFields(facts.fields, facts, trustNobody)).toEqual([
      ["X-Kept", "yes"],
      ["X-Forwarded-For", "203.0.113.9"],
      ["X-Forwarded-Proto", "http"],
      ["X-Forwarded-Scheme", "http"],
      ["X-Forwarded-Host", "a.example"],
      ["X-Forwarded-Port", "80"],
      ["X-Real-IP", "192.0.2.1"],
      ["X-Request-Id", "test-0-1"],
    ]);
  });

  it("continues the claims of a trusted peer", () => {
    const facts = factsOf(forged, { peerAddress: "::ffff:10.0.0.1" });
    expect(withForwardedFields(facts.fields, facts, trusted)).toEqual([
      ["X-Forwarded-Prefix", "/evil"],
      ["X-Forwarded-Ssl", "on"],
      ["X-Kept", "yes"],
      ["Forwarded", "for=4.4.4.4, for=10.0.0.1;proto=https"],
      ["X-Forwarded-For", "1.1.1.1, 2.2.2.2, 10.0.0.1"],
      ["X-Forwarded-Proto", "https"],
      ["X-Forwarded-Scheme", "https"],
      ["X-Forwarded-Host", "evil.example"],
      ["X-Forwarded-Port", "1"],
      ["X-Real-IP", "192.0.2.1"],
      ["X-Request-Id", "test-0-1"],
    ]);
  });

  it("gives the port of Host, or that of the scheme", () => {
    const ported = { ...factsOf([], { secure: true }), port: 8443 };
    expect(withForwardedFields([], ported, trustNobody)).toContainEqual(["X-Forwarded-Port", "8443"]);
    expect(withForwardedFields([], ported, trustNobody)).toContainEqual(["X-Forwarded-Host", "a.example:8443"]);
    expect(withForwardedFields([], factsOf([], { secure: true }), trustNobody)).toContainEqual([
      "X-Forwarded-Port",
      "443",
    ]);
  });

  it("quotes an IPv6 hop in Forwarded", () => {
    const facts = factsOf([["Forwarded", "for=_x"]], { peerAddress: "2001:db8::1" });
    expect(withForwardedFields(facts.fields, facts, createTrustedProxies(["::/0"]))).toContainEqual([
      "Forwarded",
      'for=_x, for="[2001:db8::1]";proto=http',
    ]);
  });
});

function factsOf(fields: readonly Field[], arrival: Partial<RequestFacts["arrival"]>): RequestFacts {
  const plain = requestFacts({ fields, headers: groupFields(fields) });
  return { ...plain, arrival: { ...plain.arrival, ...arrival } };
}
