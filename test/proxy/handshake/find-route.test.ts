import { describe, expect, it } from "vitest";
import { ProxyError } from "../../../src/base/failures.ts";
import type { RequestFacts } from "../../../src/base/request-facts.ts";
import {
  findRoute as find,
  type Indexes,
  type Route,
  type RouteSettings,
} from "../../../src/proxy/handshake/find-route.ts";
import { createTrustedProxies, trustNobody } from "../../../src/proxy/handshake/trusted-proxies.ts";
import type { CertificateTable, HostTls } from "../../../src/table/certificate-table.ts";
import { compileRoutes } from "../../../src/table/match.ts";
import type { Entry } from "../../../src/table/routing-table.ts";
import { compileHostTls } from "../../../src/table/select-host-tls.ts";
import { entryFor, forwardTo, poolBackend, requestFacts, routingTable } from "../../harness/build-table.ts";

const POOL = poolBackend("test/echo:80");
const SECURE = { ...requestFacts().arrival, secure: true };

function tlsOf(name: string, certificate: string): HostTls {
  return { host: { type: "exact", name }, certificates: [certificate], minVersion: "TLSv1.2" };
}

type Directory = Indexes & RouteSettings;

function findRoute(facts: RequestFacts, known: Directory): Route {
  return find(facts, known, known, () => {});
}

function directory(entries: readonly Entry[], changes: Partial<Directory> = {}): Directory {
  const certificates: CertificateTable = {
    certificates: new Map(),
    hosts: [tlsOf("a.example", "one"), tlsOf("twin.example", "one"), tlsOf("b.example", "two")],
    fallback: { host: { type: "any" }, certificates: ["default"], minVersion: "TLSv1.2" },
    ticketKeys: null,
  };
  return {
    routes: compileRoutes(routingTable({ "a.example": entries, "b.example": entries, "plain.example": entries }), []),
    hostTls: compileHostTls(certificates),
    publicHttpsPort: 443,
    trustedProxies: trustNobody,
    ...changes,
  };
}

function failureOf(act: () => unknown): Pick<ProxyError, "failure" | "status" | "headers"> {
  try {
    act();
  } catch (error) {
    if (error instanceof ProxyError) return { failure: error.failure, status: error.status, headers: error.headers };
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("finding a route", () => {
  it("gives the rule that forwards, with what it matched by", () => {
    const route = findRoute(
      requestFacts({ path: "/chat/1" }),
      directory([entryFor(forwardTo([POOL], { escapedSlashes: "Reject" }), "/chat")]),
    );
    expect(route).toMatchObject({ prefix: "/chat", forward: { escapedSlashes: "Reject" }, gates: [] });
  });

  it("answers 404 for an unknown host and for a path without a rule", () => {
    const known = directory([entryFor(forwardTo([POOL]), "/chat")]);
    expect(failureOf(() => findRoute(requestFacts({ host: "c.example" }), known))).toMatchObject({ status: 404 });
    expect(failureOf(() => findRoute(requestFacts({ path: "/other" }), known))).toMatchObject({ status: 404 });
  });

  it("answers with the status of a rule that cannot be honoured", () => {
    const refusing = directory([entryFor({ type: "Refuse", status: 500, detail: "no such Service" })]);
    expect(failureOf(() => findRoute(requestFacts(), refusing))).toMatchObject({
      failure: "RouteRefused",
      status: 500,
    });
    const names: string[] = [];
    expect(() => find(requestFacts(), refusing, refusing, (name) => names.push(name.name))).toThrow("RouteRefused");
    expect(names).toEqual(["route"]);
  });

  it("answers 426 to a plain request that only rules with subprotocols match", () => {
    const upgrades = directory([entryFor(forwardTo([POOL]), "/", { subprotocols: ["mqtt"] })]);
    expect(failureOf(() => findRoute(requestFacts(), upgrades))).toMatchObject({
      failure: "UpgradeRequired",
      status: 426,
    });
  });

  it("refuses escaped slashes only where the rule rejects them", () => {
    const facts = requestFacts({ path: "/a%2Fb" });
    const rejecting = directory([entryFor(forwardTo([POOL], { escapedSlashes: "Reject" }))]);
    expect(failureOf(() => findRoute(facts, rejecting))).toMatchObject({ status: 400 });
    expect(findRoute(facts, directory([entryFor(forwardTo([POOL]))])).forward.type).toBe("Forward");
  });

  it("answers 421 when the host's TLS settings differ from those of the connection", () => {
    const known = directory([entryFor(forwardTo([POOL]))]);
    const facts = (serverName: string | null, host: string) =>
      requestFacts({ host, arrival: { ...SECURE, serverName } });
    expect(failureOf(() => findRoute(facts("a.example", "b.example"), known))).toMatchObject({ status: 421 });
    expect(failureOf(() => findRoute(facts(null, "a.example"), known))).toMatchObject({ status: 421 });
    expect(findRoute(facts("twin.example", "a.example"), known).forward.type).toBe("Forward");
    expect(findRoute(facts(null, "plain.example"), known).forward.type).toBe("Forward");
  });

  describe("redirecting to https", () => {
    const redirecting = [entryFor(forwardTo([POOL], { redirectToHttps: true }))];

    it("sends a plain request for a host with a certificate to the same place over TLS", () => {
      const facts = requestFacts({ path: "/a%2Fb", query: "?q=1" });
      expect(failureOf(() => findRoute(facts, directory(redirecting)))).toMatchObject({
        status: 308,
        headers: [["Location", "https://a.example/a%2Fb?q=1"]],
      });
    });

    it("names the port when it is not 443", () => {
      const failure = failureOf(() => findRoute(requestFacts(), directory(redirecting, { publicHttpsPort: 8443 })));
      expect(failure.headers).toEqual([["Location", "https://a.example:8443/"]]);
    });

    it("leaves hosts without a certificate of their own alone, and requests that came over TLS", () => {
      expect(findRoute(requestFacts({ host: "plain.example" }), directory(redirecting)).forward.type).toBe("Forward");
      const secure = requestFacts({ arrival: { ...SECURE, serverName: "a.example" } });
      expect(findRoute(secure, directory(redirecting)).forward.type).toBe("Forward");
    });

    it("believes a trusted proxy that it took TLS off, and nobody else", () => {
      const facts = requestFacts({ headers: new Map([["x-forwarded-proto", ["https"]]]) });
      const trusting = directory(redirecting, { trustedProxies: createTrustedProxies(["192.0.2.0/24"]) });
      expect(findRoute(facts, trusting).forward.type).toBe("Forward");
      expect(failureOf(() => findRoute(facts, directory(redirecting)))).toMatchObject({ status: 308 });
    });
  });
});
