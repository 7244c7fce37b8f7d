import { describe, expect, it } from "vitest";
import { createValidator } from "../../../src/api/validate/create-validator.ts";
import type { WebSocketRoute } from "../../../src/api/websocket-route.ts";

const validate = createValidator({ allowLoopback: true, unknownFields: "refuse" });
const route = {
  apiVersion: "fairlead.dev/v1alpha1",
  kind: "WebSocketRoute",
  metadata: { name: "chat", namespace: "apps" },
  spec: { rules: [{ name: "all", backendRefs: [{ name: "chat", port: 8080 }] }] },
};

describe("an accepted object", () => {
  it("has the schema's defaults", () => {
    const verdict = validate("WebSocketRoute", route);
    expect(verdict).toEqual({
      ok: true,
      object: {
        ...route,
        spec: {
          ingressClassName: "fairlead",
          rules: [
            {
              name: "all",
              matches: [{ path: { type: "PathPrefix", value: "/" } }],
              backendRefs: [{ group: "", kind: "Service", name: "chat", port: 8080, weight: 1 }],
            },
          ],
        },
      },
    });
  });

  it("is a copy: what was written is untouched", () => {
    const frozen = deepFreeze(structuredClone(route));
    expect(validate("WebSocketRoute", frozen).ok).toBe(true);
    expect(frozen).toEqual(route);
  });

  it("does not share its defaults with the next one", () => {
    const [one, two] = [validate("WebSocketRoute", route), validate("WebSocketRoute", route)].map((verdict) =>
      verdict.ok ? (verdict.object as WebSocketRoute).spec.rules[0]?.matches?.[0] : undefined,
    );
    expect(one).toEqual(two);
    expect(one).not.toBe(two);
  });

  it("of a core kind has what an API server would fill in", () => {
    const service = { apiVersion: "v1", kind: "Service", metadata: { name: "a" }, spec: { ports: [{ port: 80 }] } };
    expect(validate("Service", service)).toMatchObject({
      object: { spec: { ports: [{ port: 80, protocol: "TCP" }] } },
    });
    const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "a" }, stringData: { a: "b" } };
    expect(validate("Secret", secret)).toMatchObject({ object: { type: "Opaque", data: { a: "Yg==" } } });
  });
});

describe("in a directory", () => {
  const slice = (address: string, addressType = "IPv4") => ({
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name: "a" },
    addressType,
    endpoints: [{ addresses: [address] }],
  });

  it("endpoints may be on this machine", () => {
    expect(validate("EndpointSlice", slice("127.0.0.1")).ok).toBe(true);
    expect(validate("EndpointSlice", slice("::1", "IPv6")).ok).toBe(true);
  });

  it("endpoints may not be where cloud credentials are, or nowhere", () => {
    expect(validate("EndpointSlice", slice("169.254.169.254")).ok).toBe(false);
    expect(validate("EndpointSlice", slice("0.0.0.0")).ok).toBe(false);
    expect(validate("EndpointSlice", slice("fe80::1", "IPv6")).ok).toBe(false);
  });
});

describe("hostile objects", () => {
  it.each([null, 7, "text", [], [route], undefined])("%j is refused", (object) => {
    expect(validate("WebSocketRoute", object)).toMatchObject({ ok: false, problems: [{ field: "<root>" }] });
  });

  it.each(["spec", "metadata"])("%s of every wrong type is refused, never thrown at", (member) => {
    for (const value of [7, "text", true, [], [[]]]) {
      for (const kind of ["WebSocketRoute", "Ingress", "Service", "ReferenceGrant"] as const) {
        expect(validate(kind, { ...route, kind, [member]: value }).ok).toBe(false);
      }
    }
  });

  it("a key named __proto__ is an unknown field and touches nothing", () => {
    const object: unknown = JSON.parse(
      JSON.stringify(route).replace('"spec":{', '"spec":{"__proto__":{"polluted":true},'),
    );
    expect(validate("WebSocketRoute", object)).toMatchObject({
      ok: false,
      problems: [{ field: "spec.__proto__", type: "Unknown field" }],
    });
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  it("names no more than a hundred problems", () => {
    const spec = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`field${index}`, 1]));
    const verdict = validate("WebSocketRoute", { ...route, spec: { ...spec, ...route.spec } });
    expect(verdict.ok ? 0 : verdict.problems.length).toBe(100);
  });

  it.each(["[a-z]{999}", "((a|b){30}){30}", "(\\pL{1000}|\\pN){0,1}", "(?i)(\\pL\\pN){100}"])(
    "thousands of patterns such as %s do not stop the process",
    (part) => {
      const value = (index: number): string => `${part.repeat(Math.floor(1000 / part.length))}${index}`;
      const headers = (index: number) =>
        Array.from({ length: 16 }, (_, each) => ({
          name: `x-${each}`,
          type: "RegularExpression",
          value: value(index * 16 + each),
        }));
      const matches = Array.from({ length: 16 }, (_, index) => ({ headers: headers(index) }));
      const rules = Array.from({ length: 16 }, (_, index) => ({ ...route.spec.rules[0], name: `r${index}`, matches }));
      const started = performance.now();
      expect(validate("WebSocketRoute", { ...route, spec: { rules } }).ok).toBe(true);
      expect(performance.now() - started).toBeLessThan(8000);
    },
  );

  it("cuts long values, and never shows a Secret's", () => {
    const long = validate("WebSocketRoute", { ...route, spec: { ...route.spec, hostnames: ["A".repeat(100_000)] } });
    expect(long.ok ? "" : long.problems[0]?.value.length).toBe(120);
    const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "a" }, data: { key: "not base64: hunter2" } };
    const verdict = validate("Secret", secret);
    expect(verdict.ok).toBe(false);
    expect(JSON.stringify(verdict)).not.toContain("hunter2");
  });

  it.each(["data", "stringData"])("never shows a value of %s that has the wrong type", (member) => {
    for (const value of [{ key: ["hunter2"] }, ["hunter2"], "hunter2"]) {
      const verdict = validate("Secret", {
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name: "a" },
        [member]: value,
      });
      expect(verdict.ok).toBe(false);
      expect(JSON.stringify(verdict)).not.toContain("hunter2");
    }
  });
});

it("judges a thousand routes in a moment", () => {
  const started = performance.now();
  for (let index = 0; index < 1000; index += 1) {
    const spec = { ...route.spec, hostnames: [`h${index}.example.com`] };
    expect(validate("WebSocketRoute", { ...route, spec }).ok).toBe(true);
  }
  expect(performance.now() - started).toBeLessThan(5000);
});

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) for (const member of Object.values(value)) deepFreeze(member);
  return Object.freeze(value);
}
