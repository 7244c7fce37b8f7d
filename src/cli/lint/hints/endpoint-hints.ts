import type { PoolKey } from "../../../table/endpoint-table.ts";
import { refOf } from "../../../translate/order.ts";
import { STANDALONE_ENDPOINTS } from "../../../translate/standalone-endpoints.ts";
import type { LoadedManifests } from "../../load-manifests.ts";
import type { Hint } from "./hint.ts";
import type { Routes } from "./routes.ts";

/**
 * Rules that lead to Service ports without endpoints. Said only of a set that holds endpoints at all: elsewhere a cluster
 * makes them.
 */
export function endpointHints({ view, translation }: LoadedManifests, { rules }: Routes): readonly Hint[] {
  const named = view.services.some(({ metadata }) => metadata.annotations?.[STANDALONE_ENDPOINTS] !== undefined);
  if (!named && view.endpointSlices.length === 0) return [];
  const { endpoints } = translation.tables;
  return rules.flatMap(({ source, written, rule }) => {
    if (rule.action.type === "Refuse") return [];
    return rule.action.backends.flatMap((backend, index): readonly Hint[] => {
      if (backend.type === "Refuse" || (endpoints.get(backend.pool)?.length ?? 0) > 0) return [];
      const field = written.locate(`backendRefs[${index}].port`);
      const message = `The port ${portOf(backend.pool)} of the Service has no endpoint.`;
      return [{ code: "NoEndpoints", object: refOf(source.object), field, value: backend.pool, message }];
    });
  });
}

function portOf(pool: PoolKey): string {
  return pool.slice(pool.lastIndexOf(":") + 1);
}
