import type { RuleName } from "../base/report.ts";
import type { Endpoint, EndpointTable, PoolKey } from "../table/endpoint-table.ts";
import type { Backend } from "../table/routing-table.ts";
import { type RuleNames, ruleKey } from "../table/rule-names.ts";
import { type EndpointQueue, followPool, startQueue, takeEndpoint } from "./endpoint-queue.ts";
import { type Credits, carryCredits, takeTurn, type Weighted } from "./smooth-weights.ts";

/** Spreads a rule's requests over its backends, and a backend's over its endpoints. Its state outlives every swap of tables. */
export type Balancer = {
  /** The rule's next backend by smooth weights. One that refuses keeps its share; without any weight the answer refuses with 503. */
  readonly pickBackend: (rule: RuleName, backends: readonly Backend[]) => Backend;
  /** The pool's next usable endpoint whose `endpointName` is not among `tried`; null when there is none. */
  readonly pickEndpoint: (pool: PoolKey, endpoints: readonly Endpoint[], tried: ReadonlySet<string>) => Endpoint | null;
  /** Forgets rules that a new table no longer names. */
  readonly retainRules: (rules: RuleNames) => void;
  /** Forgets pools that a new table no longer has. */
  readonly retainPools: (endpoints: EndpointTable) => void;
};

type Round = {
  readonly rule: RuleName;
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
      const round = followBackends(rounds.get(key), rule, backends);
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
    retainRules: ({ hasRule }) => {
      for (const [key, { rule }] of rounds) if (!hasRule(rule)) rounds.delete(key);
    },
    retainPools: (endpoints) => {
      for (const key of queues.keys()) if (!endpoints.has(key)) queues.delete(key);
    },
  };
}

const NO_WEIGHT: Backend = { type: "Refuse", weight: 0, status: 503, detail: "no backend has a weight" };

function followBackends(round: Round | undefined, rule: RuleName, backends: readonly Backend[]): Round {
  if (round?.backends === backends) return round;
  const weighted = nameBackends(backends);
  return { rule, backends, weighted, credits: carryCredits(round?.weighted ?? [], round?.credits ?? [], weighted) };
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
