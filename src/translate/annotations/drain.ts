import { DURATIONS, isCloseCode, isCloseReason } from "../settings.ts";
import type { Annotation } from "./annotation.ts";
import { accept, acceptDuration, readWord } from "./values.ts";

/** How sockets are told to go. */
export const DRAIN_ANNOTATIONS: readonly Annotation[] = [
  {
    name: "drain-code",
    field: "drain.code",
    description: "The close code for the client (RFC 6455 7.4).",
    default: "1012",
    example: "1001",
    onUnreadable: "ignore",
    read: (value) =>
      accept(
        /^[0-9]{4}$/u.test(value) && isCloseCode(Number(value)) ? Number(value) : null,
        "a close code that may be sent: 1000 to 1003, 1007 to 1014 or 3000 to 4999",
        (code) => ({ drain: { code } }),
      ),
  },
  {
    name: "drain-reason",
    field: "drain.reason",
    description: "The close reason for the client.",
    default: "service restart",
    example: "back in a minute",
    onUnreadable: "ignore",
    read: (value) =>
      accept(isCloseReason(value) ? value : null, "at most 123 bytes of UTF-8", (reason) => ({ drain: { reason } })),
  },
  {
    name: "drain-window",
    field: "drain.window",
    description: "Closes are spread evenly over this time; 0s for all at once.",
    default: "60s",
    example: "2m",
    onUnreadable: "ignore",
    read: (value) => acceptDuration(value, DURATIONS.window, (window) => ({ drain: { window } })),
  },
  {
    name: "on-route-deleted",
    field: "drain.onRouteDeleted",
    description: "What becomes of the open sockets of a rule that is deleted.",
    default: "Keep",
    example: "Close",
    onUnreadable: "ignore",
    read: (value) =>
      accept(readWord(value, ["Keep", "Close"]), "Keep or Close", (onRouteDeleted) => ({ drain: { onRouteDeleted } })),
  },
];
