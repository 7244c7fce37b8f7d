import type { Schema } from "../schema.ts";

const subdomain = "^$|^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";

const group: Schema = { type: "string", maxLength: 253, pattern: subdomain };
const kind: Schema = {
  type: "string",
  minLength: 1,
  maxLength: 63,
  pattern: "^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$",
};
const namespace: Schema = {
  type: "string",
  minLength: 1,
  maxLength: 63,
  pattern: "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
};

/** gateway.networking.k8s.io ReferenceGrant: the bounds of its standard CRD. */
export const REFERENCE_GRANT_SCHEMA: Schema = {
  type: "object",
  properties: {
    apiVersion: { type: "string" },
    kind: { type: "string" },
    metadata: { type: "object" },
    spec: {
      type: "object",
      required: ["from", "to"],
      properties: {
        from: {
          type: "array",
          minItems: 1,
          maxItems: 16,
          items: { type: "object", required: ["group", "kind", "namespace"], properties: { group, kind, namespace } },
        },
        to: {
          type: "array",
          minItems: 1,
          maxItems: 16,
          items: {
            type: "object",
            required: ["group", "kind"],
            properties: { group, kind, name: { type: "string", minLength: 1, maxLength: 253 } },
          },
        },
      },
    },
  },
};
