import { deepStrictEqual, ok } from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { findFault } from "../../../src/api/find-fault.ts";
import { createValidator } from "../../../src/api/validate/create-validator.ts";
import type { Validator, ViewObject } from "../../../src/api/validate/validator.ts";
import { finish } from "../../../src/base/work.ts";
import { buildView, impliedIngressClass } from "../../../src/files/build-view.ts";
import { DEFAULT_FILE_LIMITS } from "../../../src/files/limits.ts";
import { type Manifest, parseManifest } from "../../../src/files/parse-manifest.ts";
import { NOTHING_SERVED, reconcile } from "../../../src/files/reconcile.ts";
import { POLICIES } from "../../../src/policy/index.ts";
import { compileRoutes } from "../../../src/table/match.ts";
import type { HostGroup } from "../../../src/table/routing-table.ts";
import { translate } from "../../../src/translate/translate.ts";
import { CLUSTER_OPTIONS } from "../../translate/golden/read-input.ts";
import type { Target } from "../target.ts";

const OPTIONS = { ...CLUSTER_OPTIONS, standaloneEndpoints: true, allowLoopbackEndpoints: true };
const CLASS = impliedIngressClass("fairlead", OPTIONS.classes.controllerName);
const HOST = "untouched.example.com";

/** What every input is put beside, and what none may change. */
const UNTOUCHED = `
apiVersion: fairlead.dev/v1alpha1
kind: WebSocketRoute
metadata: { name: untouched, namespace: untouched }
spec:
  hostnames: [${HOST}]
  rules: [{ name: all, backendRefs: [{ name: untouched, port: 80 }] }]
---
apiVersion: v1
kind: Service
metadata: { name: untouched, namespace: untouched, annotations: { fairlead.dev/standalone-endpoints: "127.0.0.1:9001" } }
spec: { ports: [{ port: 80 }] }
`;

const FOLDERS = [
  "../../translate/golden/*/*.in.yaml",
  "../../api/corpus/accepted/**/*.yaml",
  "../../api/corpus/refused/**/*.yaml",
];

/** Texts of manifests: read, judged, translated and compiled as `fairlead serve` does, beside a route that must not notice. */
export const manifests: Target = {
  name: "manifests",
  seeds: () =>
    FOLDERS.flatMap((pattern) => globSync(pattern, { cwd: import.meta.dirname }).toSorted()).map(
      (file) => new Uint8Array(readFileSync(join(import.meta.dirname, file))),
    ),
  dictionary: [
    "---\n",
    "{",
    "}",
    "[",
    "]",
    ": ",
    "- ",
    "&a ",
    "*a",
    "<<: *a",
    "!!binary ",
    "|\n",
    "'",
    '"',
    "\t",
    "\r\n",
    "null",
    "true",
    "1e999",
    "-1",
    "0x7fffffffffffffff",
    "__proto__: ",
    "constructor: ",
    "Exact",
    "PathPrefix",
    "RegularExpression",
    "(a+)+$",
    "(?i)",
    "*.",
    "*",
    "fairlead.dev/",
    "nginx.ingress.kubernetes.io/",
    "0s",
    "999999h",
    "namespace: untouched",
    "10.0.0.0/8",
    "\u00e9",
    "\u2028",
  ],
  maxBytes: 16_384,
  lanes: 1,
  open: async () => {
    const validate = createValidator({ allowLoopback: true, unknownFields: "refuse" });
    const untouched = await read(UNTOUCHED, "untouched.yaml", validate);
    const before = serve([untouched]);
    return {
      judge: (input) => judge(Buffer.from(input).toString("utf8"), { validate, untouched, before }),
      close: () => Promise.resolve(),
    };
  },
};

type Reading = { readonly path: string; readonly text: string; readonly manifest: Manifest };
type Beside = { readonly validate: Validator; readonly untouched: Reading; readonly before: HostGroup | undefined };

async function judge(text: string, { validate, untouched, before }: Beside): Promise<void> {
  const reading = await read(text, "hostile.yaml", validate);
  // Somebody who may write the class, or this very namespace, may change what is in it.
  if (mayTouch(reading.manifest)) return;
  deepStrictEqual(serve([reading, untouched]), before, "another object's route was changed");
}

async function read(text: string, path: string, validate: Validator): Promise<Reading> {
  const manifest = await parseManifest({ path, text }, { validate, findFault, limits: DEFAULT_FILE_LIMITS });
  return { path, text, manifest };
}

function mayTouch(manifest: Manifest): boolean {
  if (!manifest.readable) return false;
  return manifest.entries.some(({ ref, content }) => {
    if (ref.namespace === "untouched" || ref.kind === "IngressClass") return true;
    return content.ok && claims(content.object);
  });
}

function claims(object: ViewObject): boolean {
  return JSON.stringify(object).includes(HOST);
}

/** The group of the host that must stay as it is, out of everything that these files lead to. */
function serve(readings: readonly Reading[]): HostGroup | undefined {
  const served = finish(reconcile(NOTHING_SERVED, { manifests: readings, unread: [] }));
  const view = finish(buildView(served, CLASS, null));
  const { tables, problems, statuses } = translate(view, OPTIONS);
  structuredClone({ routing: tables.routing, endpoints: tables.endpoints });
  compileRoutes(tables.routing, POLICIES);
  for (const { object, message } of problems) ok(object.kind !== "" && message !== "", "a problem of nothing");
  deepStrictEqual(
    new Set(statuses.map(({ object }) => JSON.stringify(object))).size,
    statuses.length,
    "a status twice",
  );
  return tables.routing.groups.find(({ host }) => host.type === "exact" && host.name === HOST);
}
