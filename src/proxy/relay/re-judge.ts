import type { Clock } from "../../base/ports.ts";
import type { RuleName } from "../../base/report.ts";
import type { RuleNames } from "../../table/rule-names.ts";
import { askToClose } from "./ask-to-close.ts";
import { createCloseTurns, spreadEvenly } from "./close-turns.ts";
import type { Connection, Connections } from "./connections.ts";
import type { Relay, RelayId } from "./relay.ts";

/** What judging again works with; `random` is from 0 to below 1. */
export type ReJudgeParts = {
  readonly relay: Pick<Relay, "requestClose">;
  readonly connections: Connections;
  readonly clock: Clock;
  readonly random: () => number;
};

/** Looks at open connections after a table was swapped. */
export type ReJudge = {
  /**
   * Plans the end of the connections whose route object is in the new table no more and had asked, when they were opened,
   * for onRouteDeleted: Close. They are spread over that route's drain window. A route that comes back before their turn
   * keeps them. No other connection is touched, whatever else has changed.
   */
  readonly swapped: (rules: RuleNames) => void;
  /** Takes back every turn that has not come: a drain of the whole process has begun. */
  readonly stop: () => void;
};

/** Judges on behalf of one registry. */
export function createReJudge(parts: ReJudgeParts): ReJudge {
  const { connections, clock, random } = parts;
  const turns = createCloseTurns(clock, (id) => askToClose(parts, id, "route-removed"));
  return {
    swapped: (rules) => {
      const orphans = findOrphans(connections, rules);
      turns.retain((id) => orphans.has(id));
      const startMs = clock.monotonicMs();
      const byWindow = Map.groupBy(orphans, ([, { drain }]) => drain.windowMs);
      for (const [windowMs, group] of byWindow) {
        const fresh = group.map(([id]) => id).filter((id) => !turns.has(id));
        turns.plan(spreadEvenly(fresh, { startMs, windowMs }, random));
      }
    },
    stop: turns.stop,
  };
}

function findOrphans(connections: Connections, { hasRoute }: RuleNames): ReadonlyMap<RelayId, Connection> {
  // Connections of a rule share its name: each is turned into a key once.
  const verdicts = new Map<RuleName, boolean>();
  const isGone = (route: RuleName): boolean => {
    const known = verdicts.get(route);
    if (known !== undefined) return known;
    const gone = !hasRoute(route);
    verdicts.set(route, gone);
    return gone;
  };
  const orphans = new Map<RelayId, Connection>();
  for (const [id, connection] of connections.entries()) {
    const { route } = connection.head;
    if (connection.drain.onRouteDeleted === "Keep" || route === null || connections.isClosing(id)) continue;
    if (isGone(route)) orphans.set(id, connection);
  }
  return orphans;
}
