import { isDeepStrictEqual } from "node:util";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { EndpointSlice, Service } from "../../src/api/core.ts";
import type { View } from "../../src/api/view.ts";
import type { WebSocketRoute } from "../../src/api/websocket-route.ts";
import { finish } from "../../src/base/work.ts";
import type { TranslateOptions, Translation } from "../../src/translate/translation.ts";
import { createTranslator } from "../../src/translate/translator.ts";
import { corrupt, EVERY_OBJECT, INPUTS, LISTS, OPTIONS, someView } from "./golden/every-object.ts";
import { readInput } from "./golden/read-input.ts";

type Translator = ReturnType<typeof createTranslator>;

function translateAll(translator: Translator, view: View, later: View = view): Translation {
  return finish(translator.translateEndpoints(later, finish(translator.translateRoutes(view))));
}

/** All that a translation says, as plain data in one order. */
function valueOf({ unserved, tables, ...rest }: Translation): unknown {
  const { ticketKeys, ...certificates } = tables.certificates;
  return {
    ...rest,
    ...tables,
    endpoints: [...tables.endpoints],
    certificates: { ...certificates, order: [...certificates.certificates.keys()] },
    ticketKeys: ticketKeys?.reveal(),
    unserved: unserved.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`).toSorted(),
  };
}

/** Every text that any object holds: what an edit may write in the place of another. */
const TEXTS = [...new Set(JSON.stringify(EVERY_OBJECT).match(/(?<=:")[^"\\]{1,60}(?=")/gu))];

/** One step of a history: an object comes, goes, is edited, is written anew as it was, or changes its place. */
type Change = {
  readonly list: keyof View;
  readonly act: "add" | "remove" | "edit" | "rewrite" | "shuffle";
  readonly at: number;
  readonly seed: readonly number[];
};

const change: fc.Arbitrary<Change> = fc.record({
  list: fc.constantFrom(...LISTS),
  act: fc.constantFrom("add", "remove", "edit", "rewrite", "shuffle"),
  at: fc.nat(),
  seed: fc.array(fc.nat(), { minLength: 4, maxLength: 12 }),
});

/** Makes a change; what is added comes from `known`. */
function apply(view: View, { list, act, at, seed }: Change, known: View): View {
  const items: unknown[] = [...view[list]];
  const place = items.length === 0 ? 0 : at % items.length;
  let drawn = 0;
  const draw = (): number => seed[drawn++ % seed.length]! + drawn;
  if (act === "shuffle") items.unshift(...items.splice(place));
  else if (act === "add") items.splice(place, 0, known[list][at % Math.max(1, known[list].length)]);
  else if (act === "remove") items.splice(place, 1);
  else if (act === "rewrite") items[place] = structuredClone(items[place]);
  else {
    const gen = { next: () => draw() % 6, text: () => TEXTS[draw() % TEXTS.length]!, number: () => draw() % 70_000 };
    items[place] = corrupt(items[place], gen);
  }
  return { ...view, [list]: items.filter((item) => item !== undefined) };
}

function expectSame(remembered: Translation, anew: Translation): void {
  const [left, right] = [valueOf(remembered), valueOf(anew)];
  // Quick where they are equal, which is nearly always; else it is the assertion that shows the difference.
  expect(isDeepStrictEqual(left, right) ? right : left).toEqual(right);
}

const steps = fc.array(fc.array(change, { minLength: 1, maxLength: 4 }), { maxLength: 8 });

/** Plays a history, and compares after each step what is remembered with what is found anew. */
function play(first: View, options: TranslateOptions, history: readonly (readonly Change[])[], known: View): void {
  const translator = createTranslator(options);
  let view = first;
  for (const changes of [[], ...history]) {
    view = changes.reduce((before, each) => apply(before, each, known), view);
    expectSame(translateAll(translator, view), translateAll(createTranslator(options), view));
  }
}

describe("a translator that remembers", () => {
  it("gives after any history of the objects of one golden what a new one gives", () => {
    expect.hasAssertions();
    const input = fc.constantFrom(...INPUTS);
    fc.assert(
      fc.property(input, steps, ({ view, options }, history) => play(view, options, history, view)),
      { numRuns: 400 },
    );
  }, 120_000);

  it("gives after any history of all of their objects what a new one gives", () => {
    expect.hasAssertions();
    fc.assert(
      fc.property(someView, steps, (view, history) => play(view, OPTIONS, history, EVERY_OBJECT)),
      { numRuns: 20 },
    );
  }, 120_000);

  it("does so when works were dropped half done, and when endpoints are of a later view", () => {
    expect.hasAssertions();
    fc.assert(
      fc.property(someView, fc.array(change, { maxLength: 8 }), fc.nat({ max: 400 }), (first, changes, drop) => {
        const translator = createTranslator(OPTIONS);
        let view = first;
        translateAll(translator, view);
        for (const each of changes) {
          const dropped = translator.translateRoutes(apply(view, { ...each, act: "edit" }, EVERY_OBJECT));
          for (let step = 0; step < drop; step += 1) dropped.next();
          const later = apply(view, each, EVERY_OBJECT);
          expectSame(translateAll(translator, view, later), translateAll(createTranslator(OPTIONS), view, later));
          view = later;
        }
      }),
      { numRuns: 20 },
    );
  }, 120_000);
});

const { view: TWO } = readInput(`# Two routes on hosts of their own, and one on the host of the second.
{ apiVersion: v1, kind: Service, metadata: { name: chat, namespace: apps }, spec: { ports: [{ port: 80 }] } }
---
{ apiVersion: v1, kind: Service, metadata: { name: news, namespace: apps }, spec: { ports: [{ port: 80 }] } }
---
{ apiVersion: v1, kind: Secret, type: kubernetes.io/tls, metadata: { name: cert, namespace: apps }, data: { tls.crt: pem64:rsa.crt, tls.key: pem64:rsa.key } }
---
apiVersion: fairlead.dev/v1alpha1
kind: WebSocketRoute
metadata: { name: chat, namespace: apps }
spec: { hostnames: [chat.example.com], tls: { certificateRefs: [{ name: cert }] }, rules: [{ name: all, backendRefs: [{ name: chat, port: 80 }] }] }
---
apiVersion: fairlead.dev/v1alpha1
kind: WebSocketRoute
metadata: { name: news, namespace: apps }
spec: { hostnames: [news.example.com], rules: [{ name: all, backendRefs: [{ name: news, port: 80 }] }] }
---
apiVersion: fairlead.dev/v1alpha1
kind: WebSocketRoute
metadata: { name: old-news, namespace: apps }
spec: { hostnames: [news.example.com], rules: [{ name: all, matches: [{ path: { value: /old } }], backendRefs: [{ name: news, port: 80 }] }] }
`);

describe("what is translated again", () => {
  function after(edit: (view: View) => View) {
    const translator = createTranslator(OPTIONS);
    const before = finish(translator.translateRoutes(TWO));
    const first = finish(translator.translateEndpoints(TWO, before));
    const view = edit(TWO);
    const routes = finish(translator.translateRoutes(view));
    const second = finish(translator.translateEndpoints(view, routes));
    const groups = routes.routing.groups.filter((group, index) => group !== before.routing.groups[index]);
    return {
      done: routes.done,
      first,
      second,
      hosts: groups.map(({ host }) => (host.type === "exact" ? host.name : "")),
    };
  }

  const editRoute =
    (name: string, edit: (route: WebSocketRoute) => WebSocketRoute) =>
    (view: View): View => ({
      ...view,
      webSocketRoutes: view.webSocketRoutes.map((route) => (route.metadata.name === name ? edit(route) : route)),
    });

  const idle = (route: WebSocketRoute): WebSocketRoute => ({
    ...route,
    spec: { ...route.spec, rules: route.spec.rules.map((rule) => ({ ...rule, timeouts: { idle: "9m" } })) },
  });

  it("is nothing if the view has the very same objects, in whatever new lists", () => {
    const { done, first, second } = after((view) => ({ ...view, services: view.services.toReversed() }));
    expect(done).toEqual({ objects: 0, groups: 0 });
    expect(second.tables).toEqual(first.tables);
    for (const table of ["routing", "endpoints", "certificates"] as const) {
      expect(second.tables[table]).toBe(first.tables[table]);
    }
    expect(second.problems).toBe(first.problems);
    expect(second.statuses).toBe(first.statuses);
  });

  it("is the route that was edited, and its host alone", () => {
    const { done, hosts } = after(editRoute("news", idle));
    expect(done).toEqual({ objects: 1, groups: 1 });
    expect(hosts).toEqual(["news.example.com"]);
  });

  it("is nothing that a table shows if an edit does not show in any", () => {
    const labelled = (route: WebSocketRoute): WebSocketRoute => ({
      ...route,
      metadata: { ...route.metadata, labels: { team: "a" } },
    });
    const { done, first, second } = after(editRoute("news", labelled));
    expect(done).toEqual({ objects: 1, groups: 1 });
    expect(second.tables.routing).toBe(first.tables.routing);
  });

  it("is every route that names an edited Service, and no other", () => {
    const port = (service: Service): Service => ({ ...service, spec: { ports: [{ port: 81 }] } });
    const { done, hosts, second } = after((view) => ({
      ...view,
      services: view.services.map((service) => (service.metadata.name === "news" ? port(service) : service)),
    }));
    expect(done).toEqual({ objects: 2, groups: 1 });
    expect(hosts).toEqual(["news.example.com"]);
    expect(second.problems.map(({ object, reason }) => `${object.name} ${reason}`)).toEqual([
      "news BackendNotFound",
      "old-news BackendNotFound",
    ]);
  });

  it("is every route whose Secret is gone, and no other", () => {
    const { done, hosts } = after((view) => ({ ...view, secrets: [] }));
    expect(done).toEqual({ objects: 1, groups: 1 });
    expect(hosts).toEqual(["chat.example.com"]);
  });

  it("is no route, and one pool, if an endpoint changed", () => {
    const slice: EndpointSlice = {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: { name: "chat-1", namespace: "apps", labels: { "kubernetes.io/service-name": "chat" } },
      addressType: "IPv4",
      ports: [{ port: 9001 }],
      endpoints: [{ addresses: ["10.0.0.1"] }],
    };
    const { done, first, second } = after((view) => ({ ...view, endpointSlices: [slice] }));
    expect(done).toEqual({ objects: 0, groups: 0 });
    expect(second.tables.routing).toBe(first.tables.routing);
    expect(second.tables.endpoints.get("apps/news:80")).toBe(first.tables.endpoints.get("apps/news:80"));
    expect(second.tables.endpoints.get("apps/chat:80")?.map(({ address }) => address)).toEqual(["10.0.0.1"]);
  });

  it("is the keys of session tickets whenever they change, though nothing can print the difference", () => {
    const named = { namespace: "edge", name: "tickets" };
    const translator = createTranslator({ ...OPTIONS, ticketKeys: named });
    const tablesOf = (fill: number) => {
      const data = { "ticket.key": Buffer.alloc(48, fill).toString("base64") };
      const secret = { apiVersion: "v1", kind: "Secret", metadata: named, type: "Opaque", data } as const;
      return translateAll(translator, { ...TWO, secrets: [...TWO.secrets, secret] }).tables.certificates;
    };
    const [one, same, two] = [tablesOf(1), tablesOf(1), tablesOf(2)];
    expect(same).toBe(one);
    expect(two).not.toBe(one);
    expect(two.ticketKeys?.reveal()).not.toBe(one.ticketKeys?.reveal());
    expect(translateAll(translator, TWO).tables.certificates.ticketKeys).toBeNull();
  });
});

/** Translates one view after the other, and again without remembering. */
function expectSameAfter(options: TranslateOptions, ...views: readonly View[]): Translation {
  const translator = createTranslator(options);
  const remembered = views.map((view) => translateAll(translator, view));
  views.forEach((view, index) => expectSame(remembered[index]!, translateAll(createTranslator(options), view)));
  return remembered.at(-1)!;
}

describe("what another object does to one that stays the very same", () => {
  const patterns = (count: number, name: string) => `
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: ${name}, namespace: apps, creationTimestamp: ${name === "older" ? "2020" : "2021"}-01-01T00:00:00Z, annotations: { fairlead.dev/use-regex: "true" } }
spec:
  ${name === "older" ? "" : "defaultBackend: { service: { name: chat, port: { number: 80 } } }"}
  rules:
    - http:
        paths: [${Array.from({ length: count }, (_, index) => `{ path: "/${name}${index}.*", pathType: ImplementationSpecific, backend: { service: { name: chat, port: { number: 80 } } } }`).join(", ")}]
`;
  const service = `# Patterns.
{ apiVersion: v1, kind: Service, metadata: { name: chat, namespace: apps }, spec: { ports: [{ port: 80 }] } }`;

  it("takes its default backend when it takes the room for its patterns, and gives it back", () => {
    const { view: alone } = readInput(service + patterns(20, "younger"));
    const { view: crowded } = readInput(service + patterns(20, "older"));
    const both = { ...alone, ingresses: [...alone.ingresses, ...crowded.ingresses] };
    const defaultOf = ({ tables }: Translation) => tables.routing.fallback.map(({ rule }) => rule.action.type);
    expect(defaultOf(expectSameAfter(OPTIONS, alone, both))).toEqual(["Refuse"]);
    expect(defaultOf(expectSameAfter(OPTIONS, both, alone))).toEqual(["Forward"]);
  });

  it("takes its backend when the grant for it is taken back", () => {
    const { view } = readInput(`${service}
---
apiVersion: gateway.networking.k8s.io/v1
kind: ReferenceGrant
metadata: { name: all, namespace: apps }
spec: { from: [{ group: fairlead.dev, kind: WebSocketRoute, namespace: web }], to: [{ group: "", kind: Service }] }
---
apiVersion: fairlead.dev/v1alpha1
kind: WebSocketRoute
metadata: { name: chat, namespace: web }
spec: { rules: [{ name: all, backendRefs: [{ name: chat, namespace: apps, port: 80 }] }] }
`);
    const backendsOf = ({ tables }: Translation) =>
      tables.routing.groups.flatMap(({ entries }) =>
        entries.flatMap(({ rule: { action } }) =>
          action.type === "Forward" ? action.backends.map((backend) => backend.type) : [],
        ),
      );
    expect(backendsOf(expectSameAfter(OPTIONS, view, { ...view, referenceGrants: [] }))).toEqual(["Refuse"]);
    expect(backendsOf(expectSameAfter(OPTIONS, { ...view, referenceGrants: [] }, view))).toEqual(["Pool"]);
  });

  it("refuses it on each host on which it wants a newer TLS version, and on no other", () => {
    const route = (name: string, hosts: string, version: string, year: number) => `
---
apiVersion: fairlead.dev/v1alpha1
kind: WebSocketRoute
metadata: { name: ${name}, namespace: apps, creationTimestamp: ${year}-01-01T00:00:00Z }
spec: { hostnames: [${hosts}], tls: { certificateRefs: [{ name: cert }], minVersion: "${version}" }, rules: [{ name: ${name}, matches: [{ path: { value: /${name} } }], backendRefs: [{ name: chat, port: 80 }] }] }
`;
    const { view } = readInput(`${service}
---
{ apiVersion: v1, kind: Secret, type: kubernetes.io/tls, metadata: { name: cert, namespace: apps }, data: { tls.crt: pem64:rsa.crt, tls.key: pem64:rsa.key } }
${route("first", "a.example.com", "1.2", 2020)}${route("second", "b.example.com", "1.2", 2021)}${route("strict", "a.example.com, b.example.com", "1.3", 2022)}`);
    const without = (name: string): View => ({
      ...view,
      webSocketRoutes: view.webSocketRoutes.filter(({ metadata }) => metadata.name !== name),
    });
    const refusedOn = ({ tables }: Translation) =>
      tables.routing.groups.flatMap(({ host, entries }) =>
        entries.some(({ rule }) => rule.name.name === "strict" && rule.action.type === "Refuse") ? [host] : [],
      );
    expect(refusedOn(expectSameAfter(OPTIONS, without("first"), view))).toHaveLength(2);
    expect(refusedOn(expectSameAfter(OPTIONS, view, without("first")))).toEqual([
      { type: "exact", name: "b.example.com" },
    ]);
  });
});
