import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import type { View } from "../../../src/api/view.ts";
import type { TranslateOptions } from "../../../src/translate/translation.ts";

/** What a golden's input says: the objects, the options, and the sentence that states its point. */
export type GoldenInput = { readonly point: string; readonly view: View; readonly options: TranslateOptions };

/** The options of an ordinary installation in a cluster. */
export const CLUSTER_OPTIONS: TranslateOptions = {
  classes: { controllerName: "fairlead.dev/ingress-controller", names: [], readObjects: true },
  defaultCertificate: null,
  minTlsVersion: "TLSv1.2",
  ticketKeys: null,
  maxDrainMs: 65_000,
  allowLoopbackEndpoints: false,
  standaloneEndpoints: false,
};

const DEFAULT_CLASS = {
  apiVersion: "networking.k8s.io/v1",
  kind: "IngressClass",
  metadata: { name: "fairlead", annotations: { "ingressclass.kubernetes.io/is-default-class": "true" } },
  spec: { controller: "fairlead.dev/ingress-controller" },
};

const LISTS = {
  Ingress: "ingresses",
  IngressClass: "ingressClasses",
  WebSocketRoute: "webSocketRoutes",
  Service: "services",
  EndpointSlice: "endpointSlices",
  Secret: "secrets",
  ReferenceGrant: "referenceGrants",
  Stale: "stale",
} as const;

type Manifest = Record<string, unknown> & { kind: keyof typeof LISTS | "Options" };

/**
 * Reads a golden's input. A text `pem:NAME` stands for test/translate/golden/pem/NAME, `pem64:NAME` for its base64; a document of kind Options
 * overrides CLUSTER_OPTIONS; without an IngressClass there is the default one.
 */
export function readInput(text: string): GoldenInput {
  const point = /^# (.+)\n/u.exec(text)?.[1] ?? "";
  const manifests = parseAllDocuments(text).map((document) => document.toJS({ reviver: readPem }) as Manifest);
  const view: Record<string, unknown[]> = Object.fromEntries(Object.values(LISTS).map((list) => [list, []]));
  let options = CLUSTER_OPTIONS;
  for (const { kind, ...fields } of manifests) {
    if (kind === "Options") options = { ...options, ...fields };
    else view[LISTS[kind]]?.push(kind === "Stale" ? fields : { ...fields, kind });
  }
  if (view["ingressClasses"]?.length === 0) view["ingressClasses"].push(DEFAULT_CLASS);
  return { point, view: view as unknown as View, options };
}

function readPem(_key: unknown, value: unknown): unknown {
  const [, base64, name] = typeof value === "string" ? (/^pem(64)?:([a-z.]+)$/u.exec(value) ?? []) : [];
  if (name === undefined) return value;
  return readFileSync(join(import.meta.dirname, "pem", name), base64 === undefined ? "utf8" : "base64");
}
