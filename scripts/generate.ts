/** Writes what derives from crds/ and from the tables in src; with --check it writes nothing and fails if a file is stale. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { writeAnnotations } from "./generate/annotations-page.ts";
import { writeCommandLine } from "./generate/cli-page.ts";
import { writeDebug } from "./generate/debug-page.ts";
import { writeEditorSchema } from "./generate/editor-schema.ts";
import { writePermissions } from "./generate/permissions-page.ts";
import { writeProbe } from "./generate/probe-page.ts";
import { writeProblems } from "./generate/problems-page.ts";
import { readRouteDefinition, routeSchema } from "./generate/route-definition.ts";
import { writeRouteReference } from "./generate/route-reference.ts";
import { writeRouteSchema } from "./generate/route-schema.ts";
import { writeRouteTypes } from "./generate/route-types.ts";
import { writeAccessLog, writeFailures, writeFlags, writeMetrics } from "./generate/table-pages.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

const definition = readRouteDefinition();
const schema = routeSchema(definition);
const files: ReadonlyMap<string, string> = new Map([
  ["src/api/websocket-route.ts", format("src/api/websocket-route.ts", writeRouteTypes(schema))],
  ["src/api/websocket-route-schema.ts", format("src/api/websocket-route-schema.ts", writeRouteSchema(schema))],
  ["docs/reference/websocketroute.md", writeRouteReference(definition)],
  ["docs/reference/websocketroute.schema.json", writeEditorSchema(schema)],
  ["docs/reference/failures.md", writeFailures()],
  ["docs/reference/problems.md", writeProblems()],
  ["docs/reference/flags.md", writeFlags()],
  ["docs/reference/metrics.md", writeMetrics()],
  ["docs/reference/access-log.md", writeAccessLog()],
  ["docs/reference/annotations.md", writeAnnotations()],
  ["docs/reference/cli.md", writeCommandLine()],
  ["docs/reference/probe.md", writeProbe()],
  ["docs/reference/debug.md", writeDebug()],
  ["docs/reference/permissions.md", writePermissions()],
]);

const stale = [...files].filter(([path, text]) => current(path) !== text);
if (process.argv.includes("--check")) {
  for (const [path] of stale) console.error(`${path} is stale: run npm run generate`);
  process.exitCode = stale.length > 0 ? 1 : 0;
} else {
  for (const [path, text] of stale) writeFileSync(`${root}${path}`, text);
  console.log(stale.length === 0 ? "everything is fresh" : stale.map(([path]) => `wrote ${path}`).join("\n"));
}

function current(path: string): string | null {
  try {
    return readFileSync(`${root}${path}`, "utf8");
  } catch {
    return null;
  }
}

function format(path: string, text: string): string {
  const biome = fileURLToPath(import.meta.resolve("@biomejs/biome/bin/biome"));
  return execFileSync(process.execPath, [biome, "format", `--stdin-file-path=${path}`], {
    cwd: root,
    input: text,
    encoding: "utf8",
  });
}
