import { MEMORY_LEVELS } from "../../base/memory.ts";
import type { Figures, RESOURCES } from "../figures.ts";
import type { Metric } from "../metric.ts";

/** The rows of METRICS that say how near this replica's limits are. */
export const OVERLOAD_METRICS: readonly Metric[] = [
  {
    name: "fairlead_limit",
    help: "What may be open at a time; further ones are refused.",
    type: "gauge",
    labels: ["resource"],
    collect: (figures) => byResource(figures).map(({ resource, limit }) => ({ labels: { resource }, value: limit })),
  },
  {
    name: "fairlead_limit_used",
    help: "What is open of each fairlead_limit.",
    type: "gauge",
    labels: ["resource"],
    collect: (figures) => byResource(figures).map(({ resource, used }) => ({ labels: { resource }, value: used })),
  },
  {
    name: "fairlead_connections_silent",
    help: "TCP connections of clients that have not asked for anything yet.",
    type: "gauge",
    labels: [],
    collect: ({ overload }) => [{ labels: {}, value: overload.door.silent }],
  },
  {
    name: "fairlead_memory_pressure",
    help: "1 at what is done for want of memory now, else 0.",
    type: "gauge",
    labels: ["state"],
    collect: ({ overload }) =>
      MEMORY_LEVELS.map((state) => ({ labels: { state }, value: Number(state === overload.memory.level) })),
  },
  {
    name: "fairlead_memory_used_bytes",
    help: "Memory that counts against a limit at which the process would be ended.",
    type: "gauge",
    labels: ["source"],
    collect: ({ overload }) =>
      overload.memory.uses.map(({ source, usedBytes }) => ({ labels: { source }, value: usedBytes })),
  },
  {
    name: "fairlead_memory_limit_bytes",
    help: "The limit itself: handshakes are refused from 85 % of it, connections closed from 95 %.",
    type: "gauge",
    labels: ["source"],
    collect: ({ overload }) =>
      overload.memory.uses.map(({ source, limitBytes }) => ({ labels: { source }, value: limitBytes })),
  },
];

function byResource({ connections, overload }: Figures): readonly {
  readonly resource: (typeof RESOURCES)[number];
  readonly used: number;
  readonly limit: number;
}[] {
  const { limits, door, pending } = overload;
  return [
    { resource: "websockets", used: connections.open, limit: limits.webSockets },
    { resource: "connections", used: door.open, limit: limits.clients },
    { resource: "tls_handshakes", used: door.tlsHandshakes, limit: limits.tlsHandshakes },
    { resource: "pending_requests", used: pending, limit: limits.pending },
  ];
}
