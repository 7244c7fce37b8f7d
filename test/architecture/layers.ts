/** A layer: its folder or file under src/, what else under src/ it may import, and which npm packages are its own. */
export type Layer = {
  readonly path: string;
  readonly mayImport: readonly string[];
  readonly packages: readonly string[];
};

const EVERYTHING = ["src/", "package.json"];

/** Who may import whom, as in docs/architecture.md. A file belongs to the layer with the longest matching path. */
export const LAYERS: readonly Layer[] = [
  { path: "src/base/", mayImport: [], packages: [] },
  { path: "src/policy/", mayImport: ["src/base/"], packages: [] },
  { path: "src/api/", mayImport: ["src/base/"], packages: ["ajv", "@marcbachmann/cel-js", "re2js"] },
  { path: "src/overload/", mayImport: ["src/base/"], packages: [] },
  { path: "src/balance/", mayImport: ["src/base/", "src/table/"], packages: [] },
  { path: "src/table/", mayImport: ["src/base/", "src/policy/"], packages: ["re2js"] },
  {
    path: "src/translate/",
    mayImport: ["src/base/", "src/policy/", "src/table/", "src/api/"],
    packages: ["re2js", "ipaddr.js"],
  },
  { path: "src/files/", mayImport: ["src/base/", "src/api/"], packages: ["yaml"] },
  { path: "src/kube/", mayImport: ["src/base/", "src/api/"], packages: ["@kubernetes/client-node"] },
  { path: "src/controller/", mayImport: ["src/base/", "src/api/", "src/table/", "src/translate/"], packages: [] },
  { path: "src/proxy/relay/", mayImport: ["src/base/", "src/table/"], packages: [] },
  {
    path: "src/proxy/listen/",
    mayImport: ["src/base/", "src/policy/", "src/table/", "src/proxy/handshake/is-web-socket-upgrade.ts"],
    packages: [],
  },
  {
    path: "src/proxy/handshake/",
    mayImport: ["src/base/", "src/policy/", "src/table/", "src/balance/", "src/proxy/relay/", "src/proxy/listen/"],
    packages: ["ipaddr.js"],
  },
  {
    path: "src/proxy/http/",
    mayImport: ["src/base/", "src/policy/", "src/table/", "src/balance/", "src/proxy/handshake/", "src/proxy/listen/"],
    packages: ["http-proxy"],
  },
  {
    path: "src/observe/",
    mayImport: ["src/base/"],
    packages: [
      "pino",
      "pino-pretty",
      "prom-client",
      "@opentelemetry/api",
      "@opentelemetry/sdk-trace",
      "@opentelemetry/resources",
      "@opentelemetry/exporter-trace-otlp-proto",
    ],
  },
  { path: "src/config/", mayImport: ["src/base/"], packages: ["commander"] },
  { path: "src/admin/", mayImport: EVERYTHING, packages: [] },
  {
    path: "src/cli/",
    mayImport: EVERYTHING,
    packages: ["commander", "ws", "yaml", "@peculiar/x509", "reflect-metadata"],
  },
  { path: "src/overload-plane.ts", mayImport: EVERYTHING, packages: [] },
  { path: "src/data-plane.ts", mayImport: EVERYTHING, packages: [] },
  { path: "src/control.ts", mayImport: EVERYTHING, packages: [] },
  { path: "src/await-secrets.ts", mayImport: EVERYTHING, packages: [] },
  { path: "src/source.ts", mayImport: EVERYTHING, packages: [] },
  { path: "src/tell-changed.ts", mayImport: EVERYTHING, packages: [] },
  { path: "src/translate-options.ts", mayImport: EVERYTHING, packages: [] },
  { path: "src/drain-plane.ts", mayImport: EVERYTHING, packages: [] },
  { path: "src/measure.ts", mayImport: EVERYTHING, packages: [] },
  { path: "src/app.ts", mayImport: EVERYTHING, packages: [] },
  { path: "src/main.ts", mayImport: EVERYTHING, packages: [] },
];

/** One import as the checker saw it: from a file to a file, or to an npm package. */
export type Edge = { readonly from: string; readonly to: string; readonly package: boolean };

/** The layer that a file belongs to; undefined for a file outside every layer, which is a violation of its own. */
export function layerOf(file: string): Layer | undefined {
  return LAYERS.filter((layer) => file.startsWith(layer.path)).toSorted((a, b) => b.path.length - a.path.length)[0];
}

/** What is wrong with an import, in one sentence; null when it is allowed. */
export function judge(edge: Edge): string | null {
  const layer = layerOf(edge.from);
  if (layer === undefined) return `${edge.from} belongs to no layer`;
  if (edge.package) {
    if (layer.packages.includes(edge.to)) return null;
    return `${edge.from} imports the package ${edge.to}, which is not one of ${layer.path}`;
  }
  if (layerOf(edge.to)?.path === layer.path) return null;
  if (layer.mayImport.some((path) => edge.to.startsWith(path))) return null;
  return `${edge.from} imports ${edge.to}, which ${layer.path} may not see`;
}
