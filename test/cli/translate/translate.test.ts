import { X509Certificate } from "node:crypto";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { QUICKSTART_DIRECTORY } from "../../../src/cli/quickstart.ts";
import { makeSelfSigned } from "../../../src/cli/self-signed.ts";
import { runInPlace, textInput } from "../../harness/run-in-place.ts";
import { keepSecret, sentinel } from "../../harness/sentinels.ts";

const ROUTE = {
  apiVersion: "fairlead.dev/v1alpha1",
  kind: "WebSocketRoute",
  metadata: { name: "chat" },
  spec: {
    hostnames: ["*.example.com", "chat.example.com"],
    tls: { certificateRefs: [{ name: "tls" }] },
    rules: [
      {
        name: "chat",
        matches: [
          {
            headers: [
              { name: "x-api-key", value: sentinel("match") },
              { name: "x-tenant", value: "acme" },
            ],
          },
        ],
        filters: [
          {
            type: "RequestHeaderModifier",
            requestHeaderModifier: { set: [{ name: "Authorization", value: `Bearer ${sentinel("edit")}` }] },
          },
        ],
        security: { allowedOrigins: ["https://example.com"] },
        backendRefs: [{ name: "chat", port: 80 }],
      },
    ],
  },
};

const SERVICE = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "chat", annotations: { "fairlead.dev/standalone-endpoints": "127.0.0.1:9001" } },
  spec: { ports: [{ port: 80 }] },
};

async function translate(objects: readonly object[], ...flags: string[]) {
  const input = (): AsyncIterable<Uint8Array> => textInput(objects.map((each) => JSON.stringify(each)).join("\n---\n"));
  return await runInPlace(["translate", ...flags, "-"], { input });
}

async function tlsSecret() {
  const pem = await makeSelfSigned(["chat.example.com", "*.example.com"]);
  keepSecret(pem.key);
  const stringData = { "tls.crt": pem.chain, "tls.key": pem.key };
  return {
    pem,
    object: { apiVersion: "v1", kind: "Secret", type: "kubernetes.io/tls", metadata: { name: "tls" }, stringData },
  };
}

describe("translate", () => {
  test("prints hosts, rules, endpoints and certificates, and nothing that is secret", async () => {
    const { pem, object } = await tlsSecret();
    const { code, out, errors } = await translate([ROUTE, SERVICE, object], "-o", "json");
    expect([code, errors]).toEqual([0, ""]);
    const { fingerprint256 } = new X509Certificate(pem.chain);
    expect(JSON.parse(out)).toMatchObject({
      routing: {
        groups: [
          { host: "chat.example.com", entries: [expect.anything()] },
          {
            host: "**.example.com",
            entries: [
              {
                match: {
                  path: { type: "PathPrefix", value: "/" },
                  headers: [
                    { name: "x-api-key", value: "[hidden]" },
                    { name: "x-tenant", value: "acme" },
                  ],
                },
                rule: { kind: "WebSocketRoute", namespace: "default", name: "chat", rule: "chat" },
                action: {
                  type: "Forward",
                  requestHeaders: { set: [{ name: "Authorization", value: "[hidden]" }] },
                  backends: [{ type: "Pool", pool: "default/chat:80" }],
                  policies: { allowedOrigins: { origins: [{ host: "example.com" }] } },
                },
              },
            ],
          },
        ],
        fallback: [],
      },
      endpoints: { "default/chat:80": [{ address: "127.0.0.1", port: 9001, ready: true }] },
      certificates: {
        hosts: [
          { host: "chat.example.com", certificates: [fingerprint256], minVersion: "TLSv1.2" },
          { host: "**.example.com" },
        ],
        fallback: null,
        certificates: [{ fingerprint: fingerprint256, names: "DNS:chat.example.com, DNS:*.example.com" }],
        sharedTicketKeys: false,
      },
    });
    expect(out).not.toMatch(/SENTINEL|PRIVATE KEY|BEGIN/);
  });

  test("prints YAML unless asked for JSON, with the same content", async () => {
    const [yaml, json] = [await translate([SERVICE, ROUTE]), await translate([SERVICE, ROUTE], "-o", "json")];
    expect(parse(yaml.out)).toEqual(JSON.parse(json.out));
  });

  test("prints equal text for equal manifests in any order", async () => {
    const { object } = await tlsSecret();
    const other = { ...ROUTE, metadata: { name: "other" }, spec: { ...ROUTE.spec, hostnames: ["other.example.com"] } };
    const one = await translate([ROUTE, SERVICE, object, other]);
    const two = await translate([other, object, ROUTE, SERVICE]);
    expect(two.out).toBe(one.out);
  });

  test("says on standard error what cannot be served, prints the rest and exits with 1", async () => {
    const { code, out, errors } = await runInPlace(["translate", QUICKSTART_DIRECTORY]);
    expect(code).toBe(1);
    expect(errors).toMatch(
      /refused\.yaml:13:19: error BackendNotFound: Service default\/no-such-service does not exist\.\n$/,
    );
    expect(parse(out).routing.groups[0].entries.length).toBeGreaterThan(3);
  });

  test("takes the flags of serve that decide what manifests mean", async () => {
    const { out } = await translate([SERVICE, ROUTE], "--ingress-class", "other", "-o", "json");
    expect(JSON.parse(out).routing).toEqual({ groups: [], fallback: [] });
    expect((await translate([SERVICE], "--tls-min-version", "1.1")).code).toBe(2);
  });
});
