import { expect, it } from "vitest";
import { translate } from "../../src/translate/translate.ts";
import { readInput } from "./golden/read-input.ts";

const OBJECTS = `# One route.
{ apiVersion: v1, kind: Service, metadata: { name: chat, namespace: apps }, spec: { ports: [{ name: ws, port: 8080 }] } }
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: chat-1, namespace: apps, labels: { kubernetes.io/service-name: chat } }
addressType: IPv4
ports: [{ name: ws, port: 9001 }]
endpoints: [{ addresses: [10.0.0.7] }]
---
apiVersion: fairlead.dev/v1alpha1
kind: WebSocketRoute
metadata: { name: chat, namespace: apps }
spec:
  hostnames: [chat.example.com]
  rules: [{ name: all, backendRefs: [{ name: chat, port: 8080 }] }]
`;

it("tells the data plane every setting of a rule that says nothing but where it goes", () => {
  const { view, options } = readInput(OBJECTS);
  const { tables, problems } = translate(view, options);
  expect(problems).toEqual([]);
  const match = { path: { type: "PathPrefix", value: "/" }, headers: [], queryParams: [], subprotocols: [] };
  const action = {
    type: "Forward",
    backends: [{ type: "Pool", weight: 1, pool: "apps/chat:8080", tls: null }],
    rewrite: { hostname: null, path: null },
    requestHeaders: { set: [], add: [], remove: [] },
    responseHeaders: { set: [], add: [], remove: [] },
    timeouts: { connectMs: 5000, handshakeMs: 10_000, idleMs: 3_600_000, maxConnectionDurationMs: 0, closeMs: 5000 },
    keepalive: { pingIntervalMs: 0, pongTimeoutMs: 10_000 },
    drain: { code: 1012, reason: "service restart", windowMs: 60_000, onRouteDeleted: "Keep" },
    escapedSlashes: "Reject",
    redirectToHttps: false,
    policies: new Map(),
  };
  const rule = { name: { kind: "WebSocketRoute", namespace: "apps", name: "chat", rule: "all" }, action };
  expect(tables.routing).toEqual({
    groups: [{ host: { type: "exact", name: "chat.example.com" }, entries: [{ match, rule }] }],
    fallback: [],
  });
  const endpoint = { address: "10.0.0.7", port: 9001, ready: true, serving: true, terminating: false, zones: [] };
  expect([...tables.endpoints]).toEqual([["apps/chat:8080", [endpoint]]]);
});
