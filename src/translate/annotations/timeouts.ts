import { DURATIONS } from "../settings.ts";
import type { Annotation, IngressSettings } from "./annotation.ts";
import { acceptDuration } from "./values.ts";

type TimeoutName = keyof NonNullable<IngressSettings["timeouts"]>;

type TimeoutText = Pick<Annotation, "name" | "description" | "default" | "example">;

function timeout(field: TimeoutName, text: TimeoutText): Annotation {
  return {
    ...text,
    field: `timeouts.${field}`,
    onUnreadable: "ignore",
    read: (value) => acceptDuration(value, DURATIONS[field], (duration) => ({ timeouts: { [field]: duration } })),
  };
}

/** How long things may take. */
export const TIMEOUT_ANNOTATIONS: readonly Annotation[] = [
  timeout("connect", {
    name: "connect-timeout",
    description: "For one connection to an endpoint, its TLS included.",
    default: "5s",
    example: "2s",
  }),
  timeout("handshake", {
    name: "handshake-timeout",
    description: "From the request head to the 101, or to the head of an ordinary response, over all attempts.",
    default: "10s",
    example: "30s",
  }),
  timeout("idle", {
    name: "idle-timeout",
    description: "Without a frame in either direction, or a byte of an ordinary body; 0s for no limit.",
    default: "1h",
    example: "90s",
  }),
  timeout("maxConnectionDuration", {
    name: "max-connection-duration",
    description: "For the whole life of a WebSocket, shortened by up to a tenth at random; 0s for no limit.",
    default: "0s",
    example: "12h",
  }),
  timeout("close", {
    name: "close-timeout",
    description: "For the peer to answer a Close frame and to end its half of the connection.",
    default: "5s",
    example: "10s",
  }),
];
