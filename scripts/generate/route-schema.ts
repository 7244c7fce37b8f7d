import type { Schema } from "../../src/api/validate/schema.ts";

const head = `/* oxlint-disable max-lines -- Generated from crds/websocketroutes.yaml by \`npm run generate\`. Do not edit. */
import type { Schema } from "./validate/schema.ts";

/** The schema of a WebSocketRoute, for the validator; descriptions are in docs/reference. */
export const WEB_SOCKET_ROUTE_SCHEMA: Schema = `;

/** src/api/websocket-route-schema.ts: the schema as a value, so that nothing is read from disk to validate. */
export function writeRouteSchema(schema: Schema): string {
  return `${head}${JSON.stringify(schema, (key, value: unknown) => (isProse(key, value) ? undefined : value))};\n`;
}

/** A description of a node; a field that is named description has an object here. */
function isProse(key: string, value: unknown): boolean {
  return key === "description" && typeof value === "string";
}
