import { describe, expect, it } from "vitest";
import { finish } from "../../src/base/work.ts";
import { createTranslator } from "../../src/translate/translator.ts";
import { CLUSTER_OPTIONS, readInput } from "./golden/read-input.ts";

const { view } = readInput(`# Secrets of several owners.
apiVersion: fairlead.dev/v1alpha1
kind: WebSocketRoute
metadata: { name: chat, namespace: apps }
spec:
  hostnames: [chat.example.com]
  tls: { certificateRefs: [{ name: chat-tls }, { name: granted, namespace: shared }, { name: stolen, namespace: vault }] }
  rules: [{ name: all, backendRefs: [{ name: chat, port: 8080 }] }]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web, namespace: apps }
spec:
  ingressClassName: fairlead
  tls: [{ hosts: [web.example.com], secretName: web-tls }]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: others, namespace: apps }
spec:
  ingressClassName: nginx
  tls: [{ hosts: [nginx.example.com], secretName: nginx-tls }]
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: { name: fairlead }
spec: { controller: fairlead.dev/ingress-controller }
---
apiVersion: gateway.networking.k8s.io/v1
kind: ReferenceGrant
metadata: { name: apps, namespace: shared }
spec:
  from: [{ group: fairlead.dev, kind: WebSocketRoute, namespace: apps }]
  to: [{ group: "", kind: Secret, name: granted }]
`);

const NAMED = ["apps/chat-tls", "apps/web-tls", "shared/granted"];

describe("the Secrets that tables depend on", () => {
  it("are not those of other classes, nor those that no grant permits", () => {
    const { secrets } = finish(createTranslator(CLUSTER_OPTIONS).translateRoutes(view));
    expect([...secrets.named].toSorted()).toEqual(NAMED);
  });

  it("stay named when nothing changes, and are new with the objects that do", () => {
    const translator = createTranslator(CLUSTER_OPTIONS);
    expect([...finish(translator.translateRoutes(view)).secrets.again].toSorted()).toEqual(NAMED);
    const same = finish(translator.translateRoutes(view)).secrets;
    expect([[...same.named].toSorted(), [...same.again]]).toEqual([NAMED, []]);
    const ingresses = view.ingresses.map((each) => ({ ...each }));
    const changed = finish(translator.translateRoutes({ ...view, ingresses })).secrets;
    expect([[...changed.named].toSorted(), [...changed.again]]).toEqual([NAMED, ["apps/web-tls"]]);
  });

  it("are also those that flags name", () => {
    const options = {
      ...CLUSTER_OPTIONS,
      defaultCertificate: { type: "Secret", namespace: "edge", name: "default" } as const,
      ticketKeys: { namespace: "edge", name: "tickets" },
    };
    const { secrets } = finish(
      createTranslator(options).translateRoutes({ ...view, ingresses: [], webSocketRoutes: [] }),
    );
    expect([...secrets.named]).toEqual(["edge/default", "edge/tickets"]);
  });
});
