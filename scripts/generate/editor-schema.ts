import type { Schema } from "../../src/api/validate/schema.ts";

/** docs/reference/websocketroute.schema.json: JSON Schema (draft 7) for editors, with unknown fields as errors. */
export function writeEditorSchema(schema: Schema): string {
  const root = {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "WebSocketRoute",
    ...convert(schema),
    required: ["apiVersion", "kind", "metadata", "spec"],
    properties: {
      apiVersion: { const: "fairlead.dev/v1alpha1" },
      kind: { const: "WebSocketRoute" },
      metadata: { type: "object", required: ["name"] },
      ...convertMembers(schema, ["spec", "status"]),
    },
  };
  return `${JSON.stringify(root, null, 2)}\n`;
}

function convertMembers(schema: Schema, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const member = schema.properties?.[name];
      return member === undefined ? [] : [[name, convert(member)]];
    }),
  );
}

/** Bounds and patterns carry over; list types become what JSON Schema can say of them; CEL rules are left to the server. */
function convert(node: Schema): Record<string, unknown> {
  const { properties, items, format, ...rest } = node;
  const plain = Object.fromEntries(Object.entries(rest).filter(([key]) => !key.startsWith("x-kubernetes-")));
  return {
    ...plain,
    ...(format === "date-time" ? { format } : {}),
    ...(node["x-kubernetes-list-type"] === "set" ? { uniqueItems: true } : {}),
    ...(items === undefined ? {} : { items: convert(items) }),
    ...(properties === undefined
      ? {}
      : {
          additionalProperties: false,
          properties: convertMembers(node, Object.keys(properties)),
        }),
  };
}
