import type { Machine } from "./base/machine.ts";
import type { MemoryLevel, MemoryUse } from "./base/memory.ts";
import type { Clock, Log } from "./base/ports.ts";
import type { Limits } from "./overload/limits.ts";
import { watchMemory } from "./overload/memory-watch.ts";
import { createWaitingRoom, type WaitingRoom } from "./overload/waiting-room.ts";
import { createWelcome, type Welcome } from "./overload/welcome.ts";
import { createDoorkeeper, type DoorCounts, type Doorkeeper } from "./proxy/listen/doorkeeper.ts";
import type { Connections } from "./proxy/relay/connections.ts";
import type { Relay } from "./proxy/relay/relay.ts";
import { createShedder } from "./proxy/relay/shed.ts";

/** What keeps this replica from taking on more than it can carry. */
export type OverloadPlane = {
  readonly doorkeeper: Doorkeeper;
  readonly welcome: Welcome;
  readonly waitingRoom: WaitingRoom;
  readonly figures: () => OverloadFigures;
  readonly stop: () => void;
};

/** How near the limits are, for /healthz and metrics. */
export type OverloadFigures = {
  readonly limits: Limits;
  readonly door: DoorCounts;
  readonly pending: number;
  readonly memory: { readonly level: MemoryLevel; readonly uses: readonly MemoryUse[] };
};

/** What it guards, and with what. */
export type OverloadParts = {
  readonly limits: Limits;
  readonly relay: Relay;
  readonly connections: Connections;
  readonly machine: Machine;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  /** Clients that speak for others, and are not limited as one of them. */
  readonly trusted: (address: string) => boolean;
  readonly isDraining: () => boolean;
};

/** Builds the guards of a data plane, and begins to look at memory. */
export function createOverloadPlane(parts: OverloadParts): OverloadPlane {
  const { limits, connections } = parts;
  const shedder = createShedder(parts);
  const memory = watchMemory({ ...parts, shed: shedder.shed });
  const doorkeeper = createDoorkeeper(limits, parts.trusted);
  const waitingRoom = createWaitingRoom(limits.pending, limits.pendingPerRoute);
  const { isFull } = connections;
  const { handshakesPerSecond } = limits;
  return {
    doorkeeper,
    waitingRoom,
    welcome: createWelcome({ ...parts, isFull, memory: memory.level, handshakesPerSecond }),
    figures: () => ({
      limits,
      door: doorkeeper.counts(),
      pending: waitingRoom.waiting(),
      memory: { level: memory.level(), uses: memory.uses() },
    }),
    stop: () => {
      memory.stop();
      shedder.stop();
    },
  };
}
