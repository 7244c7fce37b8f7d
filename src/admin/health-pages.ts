import type { Health } from "./health.ts";

/** One answer of the admin server. */
export type Page = { readonly status: number; readonly contentType: string; readonly body: string };

/** /livez: the event loop turns. It never depends on anything else, so that a probe does not restart what only waits. */
export function livePage(): Page {
  return { status: 200, contentType: "text/plain", body: "ok\n" };
}

/** /readyz: 200 from the first full table until the first signal; else 503 with the phase. Below, what of a cluster cannot be read. */
export function readyPage(health: Health): Page {
  const ready = health.phase === "ready";
  return {
    status: ready ? 200 : 503,
    contentType: "text/plain",
    body: [ready ? "ok" : health.phase, ...missing(health), ""].join("\n"),
  };
}

function missing({ kinds }: Health): readonly string[] {
  return kinds.flatMap(({ kind, explanation }) => (explanation === null ? [] : [`${kind}: ${explanation}`]));
}

/** /healthz: the same status as /readyz, with counts as JSON. */
export function healthPage(health: Health): Page {
  const { phase, uptimeMs, connections, table, overload, kinds } = health;
  const body = {
    phase,
    uptimeSeconds: seconds(uptimeMs),
    connections,
    table: {
      routes: table.routes,
      problems: table.problems,
      ageSeconds: table.ageMs === null ? null : seconds(table.ageMs),
    },
    memory: overload.memory,
    limits: limitsOf(health),
    cluster: kinds.map(({ kind, state, explanation, objects }) => ({ kind, state, explanation, objects })),
  };
  return {
    status: readyPage(health).status,
    contentType: "application/json",
    body: `${JSON.stringify(body, null, 2)}\n`,
  };
}

type Filled = { readonly used: number; readonly limit: number };

/** Each limit beside what is used of it. */
function limitsOf({ connections, overload }: Health): Readonly<Record<string, Filled>> {
  const { limits, door, pending } = overload;
  return {
    webSockets: { used: connections.open, limit: limits.webSockets },
    connections: { used: door.open, limit: limits.clients },
    tlsHandshakes: { used: door.tlsHandshakes, limit: limits.tlsHandshakes },
    pendingRequests: { used: pending, limit: limits.pending },
  };
}

function seconds(ms: number): number {
  return Math.round(ms) / 1_000;
}
