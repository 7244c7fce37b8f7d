import type { RuleName } from "../base/report.ts";
import type { Endpoint, PoolKey } from "../table/endpoint-table.ts";
import type { Backend, RoutingTable, Rule } from "../table/routing-table.ts";
import type { Tables } from "../table/tables.ts";
import { type EndpointQueue, followPool, startQueue, takeEndpoint } from "./endpoint-queue.ts";
import { type Credits, carryCredits, takeTurn, type Weighted } from "./smooth-weights.ts";

/** Spreads a rule's requests over its backends, and a backend's over its endpoints. Its state outlives every swap of tables. */
export type Balancer = {
  /** The rule's next backend by smooth weights. One that refuses keeps its share; without any weight the answer refuses with 503. */
  readonly pickBackend: (rule: RuleName, backends: readonly Backend[]) => Backend;
  /** The pool's next usable endpoint whose `endpointName` is not among `tried`; null when there is none. */
  readonly pickEndpoint: (pool: PoolKey, endpoints: readonly Endpoint[], tried: ReadonlySet<string>) => Endpoint | null;
  /** Forgets rules and pools that the tables, of those that were swapped, no longer name. Call it after a swap. */
  readonly retain: (swapped: Partial<Pick<Tables, "routing" | "endpoints">>) => void;
};

type Round = {
  readonly backends: readonly Backend[];
  readonly weighted: readonly Weighted[];
  readonly credits: Credits;
};

/** Makes a balancer; `random` gives numbers from 0 to below 1. */
export function createBalancer(random: () => number): Balancer {
  const rounds = new Map<string, Round>();
  const queues = new Map<PoolKey, EndpointQueue>();
  return {
    pickBackend: (rule, backends) => {
      const key = ruleKey(rule);
      const round = followBackends(rounds.get(key), backends);
      const turn = takeTurn(
        round.weighted.map(({ weight }) => weight),
        round.credits,
      );
      rounds.set(key, { ...round, credits: turn.credits });
      return (turn.chosen === null ? undefined : backends[turn.chosen]) ?? NO_WEIGHT;
    },
    pickEndpoint: (pool, endpoints, tried) => {
      const known = queues.get(pool);
      const queue = known === undefined ? startQueue(endpoints, random()) : followPool(known, endpoints);
      const taken = takeEndpoint(queue, tried);
      queues.set(pool, taken.queue);
      return taken.endpoint;
    },
    retain: ({ routing, endpoints }) => {
      if (routing !== undefined) {
        const named = new Set(rulesOf(routing).map((rule) => ruleKey(rule.name)));
        for (const key of rounds.keys()) if (!named.has(key)) rounds.delete(key);
      }
      if (endpoints === undefined) return;
      for (const key of queues.keys()) if (!endpoints.has(key)) queues.delete(key);
    },
  };
}

const NO_WEIGHT: Backend = { type: "Refuse", weight: 0, status: 503, detail: "no backend has a weight" };

function followBackends(round: Round | undefined, backends: readonly Backend[]): Round {
  if (round?.backends === backends) return round;
  const weighted = nameBackends(backends);
  return { backends, weighted, credits: carryCredits(round?.weighted ?? [], round?.credits ?? [], weighted) };
}

// A rule may name one Service twice, and several of its backends may refuse: equal names are told apart by their order.
function nameBackends(backends: readonly Backend[]): readonly Weighted[] {
  const seen = new Map<string, number>();
  return backends.map((backend) => {
    const name = backend.type === "Pool" ? backend.pool : "refuse";
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return { key: `${name}#${times}`, weight: backend.weight };
  });
}

function rulesOf(routing: RoutingTable): readonly Rule[] {
  return [...routing.groups.flatMap((group) => group.entries), ...routing.fallback].map((entry) => entry.rule);
}

function ruleKey({ kind, namespace, name, rule }: RuleName): string {
  return `${kind}/${namespace}/${name}/${rule}`;
}
