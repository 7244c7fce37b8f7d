import { readFileSync } from "node:fs";
import { parse } from "yaml";
import type { Schema } from "../../src/api/validate/schema.ts";

const definitionUrl = new URL("../../crds/websocketroutes.yaml", import.meta.url);

/** The CustomResourceDefinition of WebSocketRoute: the part that is read here. */
export type RouteDefinition = {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string; readonly plural: string; readonly shortNames: readonly string[] };
    readonly versions: readonly {
      readonly name: string;
      readonly additionalPrinterColumns: readonly {
        readonly name: string;
        readonly jsonPath: string;
        readonly priority?: number;
      }[];
      readonly schema: { readonly openAPIV3Schema: Schema };
    }[];
  };
};

/** Reads crds/websocketroutes.yaml, the source of everything about WebSocketRoute. Throws if it cannot be read. */
export function readRouteDefinition(): RouteDefinition {
  return parse(readFileSync(definitionUrl, "utf8")) as RouteDefinition;
}

/** The schema of the one version that exists. Throws if there is none. */
export function routeSchema(definition: RouteDefinition): Schema {
  const version = definition.spec.versions[0];
  if (version === undefined) throw new Error("crds/websocketroutes.yaml has no version");
  return version.schema.openAPIV3Schema;
}
