import type { Both, Cause } from "../base/endings.ts";
import { addTallies, createFlowTallies, type FlowTally } from "../base/flow-tally.ts";
import type { RelayedReport, Report, ReportHead, RuleName } from "../base/report.ts";
import { visit, type Work } from "../base/work.ts";
import { failedHandshake, type HandshakeOutcome } from "./handshakes.ts";

/** A rule that a table serves, and the services that it may send to. */
export type ServedRule = { readonly name: RuleName; readonly services: readonly string[] };

/** How often connections ended in one way. */
export type EndedCount = { readonly cause: Cause; readonly by: RelayedReport["by"]; readonly count: number };

/** A rule's connections to one service. */
export type ServiceAccount = {
  readonly service: string;
  readonly open: number;
  /** What was read from each party, of open connections too. */
  readonly tallies: Both<Readonly<FlowTally>>;
};

/** What is counted of one rule. Live: it goes on changing. */
export type RouteAccount = {
  readonly rule: RuleName;
  readonly accepted: number;
  /** Handshakes without a 101, of the outcomes that there have been. */
  readonly failed: ReadonlyMap<HandshakeOutcome, number>;
  /** The ways of ending that there have been. */
  readonly ended: ReadonlyMap<string, EndedCount>;
  readonly services: ReadonlyMap<string, ServiceAccount>;
};

/**
 * Counts handshakes, connections and bytes by rule and service, under their names: a swap of tables changes no count.
 * A rule has an account while it is served or a connection of it is open, so there are never more than those.
 */
export type RouteLedger = {
  /** Where a relay counts the bytes of a rule's connections to a service. */
  readonly tallies: (rule: RuleName, service: string) => Both<FlowTally>;
  /** A handshake has led to a WebSocket. */
  readonly opened: (head: ReportHead) => void;
  /** A WebSocket has ended, or a request was answered. */
  readonly reported: (report: Report) => void;
  /** The rules that are served from now on; what no rule or connection needs is let go. */
  readonly follow: (served: Iterable<ServedRule>) => Work<void>;
  /** In the order in which they appeared. */
  readonly accounts: () => Iterable<RouteAccount>;
  /** What was read from each party since the start, whatever has become of the rules. */
  readonly totals: () => Both<Readonly<FlowTally>>;
};

type Service = { readonly service: string; open: number; readonly tallies: Both<FlowTally>; servedBy: number };
type Ended = { readonly cause: Cause; readonly by: RelayedReport["by"]; count: number };
type Account = {
  readonly rule: RuleName;
  accepted: number;
  readonly failed: Map<HandshakeOutcome, number>;
  readonly ended: Map<string, Ended>;
  readonly services: Map<string, Service>;
  /** The last table that had it. */
  servedBy: number;
};

/** Before the first table. */
const NEVER = 0;

/** An empty ledger. */
export function createRouteLedger(): RouteLedger {
  const accounts = new Map<string, Account>();
  const past = createFlowTallies();
  let table = NEVER;
  let newest = NEVER;
  const find = (rule: RuleName | null): Account | undefined => (rule === null ? undefined : accounts.get(keyOf(rule)));
  const dropIdle = (account: Account): void => {
    for (const [name, service] of account.services) {
      if (service.open > 0 || service.servedBy >= table) continue;
      addTallies(past, service.tallies);
      account.services.delete(name);
    }
    if (account.servedBy < table && account.services.size === 0) accounts.delete(keyOf(account.rule));
  };
  return {
    tallies: (rule, service) => serviceOf(accountOf(accounts, rule), service).tallies,
    opened: ({ route, service }) => {
      if (route === null) return;
      const account = accountOf(accounts, route);
      account.accepted += 1;
      serviceOf(account, service ?? "").open += 1;
    },
    reported: (report) => {
      // A rule that is not served any more, and of which nothing is open, is not counted again.
      const account = find(report.route);
      if (account === undefined) return;
      const outcome = failedHandshake(report);
      if (outcome !== null) account.failed.set(outcome, (account.failed.get(outcome) ?? 0) + 1);
      if (report.outcome !== "relayed") return;
      countEnd(account, report);
      dropIdle(account);
    },
    follow: function* (served) {
      newest += 1;
      const next = newest;
      yield* visit(served, ({ name, services }) => {
        const account = accountOf(accounts, name);
        account.servedBy = next;
        for (const service of services) serviceOf(account, service).servedBy = next;
      });
      // Until all of them are marked, those of the table before are served too.
      table = next;
      yield* visit(accounts.values(), dropIdle);
    },
    accounts: () => accounts.values(),
    totals: () => {
      const sum = createFlowTallies();
      addTallies(sum, past);
      for (const { services } of accounts.values()) {
        for (const { tallies } of services.values()) addTallies(sum, tallies);
      }
      return sum;
    },
  };
}

function accountOf(accounts: Map<string, Account>, rule: RuleName): Account {
  const key = keyOf(rule);
  const known = accounts.get(key);
  if (known !== undefined) return known;
  const { kind, namespace, name } = rule;
  const account: Account = {
    rule: { kind, namespace, name, rule: rule.rule },
    accepted: 0,
    failed: new Map(),
    ended: new Map(),
    services: new Map(),
    servedBy: NEVER,
  };
  accounts.set(key, account);
  return account;
}

function serviceOf({ services }: Account, service: string): Service {
  const known = services.get(service);
  if (known !== undefined) return known;
  const fresh = { service, open: 0, tallies: createFlowTallies(), servedBy: NEVER };
  services.set(service, fresh);
  return fresh;
}

function countEnd(account: Account, { cause, by, service }: RelayedReport): void {
  const key = `${cause} ${by}`;
  const ended = account.ended.get(key) ?? { cause, by, count: 0 };
  ended.count += 1;
  account.ended.set(key, ended);
  const known = account.services.get(service ?? "");
  if (known !== undefined && known.open > 0) known.open -= 1;
}

function keyOf({ kind, namespace, name, rule }: RuleName): string {
  return `${kind}/${namespace}/${name}/${rule}`;
}
