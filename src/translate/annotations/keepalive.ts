import { DURATIONS } from "../settings.ts";
import type { Annotation } from "./annotation.ts";
import { acceptDuration } from "./values.ts";

/** Pings of Fairlead's own. */
export const KEEPALIVE_ANNOTATIONS: readonly Annotation[] = [
  {
    name: "ping-interval",
    field: "keepalive.pingInterval",
    description:
      "A peer, client or backend, that has sent nothing for this long is sent a Ping; without it none is sent.",
    default: "",
    example: "30s",
    onUnreadable: "ignore",
    read: (value) => acceptDuration(value, DURATIONS.pingInterval, (pingInterval) => ({ keepalive: { pingInterval } })),
  },
  {
    name: "pong-timeout",
    field: "keepalive.pongTimeout",
    description: "For a peer to send anything at all after a Ping, before the connection is closed.",
    default: "10s",
    example: "5s",
    onUnreadable: "ignore",
    read: (value) => acceptDuration(value, DURATIONS.pongTimeout, (pongTimeout) => ({ keepalive: { pongTimeout } })),
  },
];
