import type { Forward } from "../../table/routing-table.ts";
import type { RelaySettings } from "../relay/relay.ts";

/** What a rule says of the life of its connections. */
type OfRule = "idleMs" | "lifetimeMs" | "closeMs" | "pingMs" | "pongMs";

/** The settings that are the same for every connection of this process. */
export type RelayDefaults = Omit<RelaySettings, "extensions" | OfRule>;

/** The settings that one connection lives by to its end; its lifetime is shortened by up to a tenth, so that connections that began together do not end together. */
export function relaySettings(
  defaults: RelayDefaults,
  { timeouts, keepalive }: Pick<Forward, "timeouts" | "keepalive">,
  extensions: RelaySettings["extensions"],
  random: () => number,
): RelaySettings {
  return {
    ...defaults,
    extensions,
    idleMs: timeouts.idleMs,
    lifetimeMs: Math.ceil(timeouts.maxConnectionDurationMs * (1 - random() / 10)),
    closeMs: timeouts.closeMs,
    pingMs: { client: keepalive.pingIntervalMs, backend: keepalive.pingIntervalMs },
    pongMs: keepalive.pongTimeoutMs,
  };
}
