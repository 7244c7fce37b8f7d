import type { Mutant } from "./mutant.ts";

/** What people are told. */
export const OBSERVE_MUTANTS: readonly Mutant[] = [
  {
    name: "log-the-query",
    harm: "Tokens that clients carry in their queries can be read by everybody who reads logs.",
    file: "src/proxy/handshake/handle-upgrade.ts",
    find: "({ host, path }) => draft.note({ host, path })",
    replace: "({ host, path, query }) => draft.note({ host, path: path + query })",
    killedBy: { file: "test/app/no-secret-told.test.ts", title: "told to nobody when it fails with NoRoute" },
  },
  {
    name: "log-foreign-text-as-it-is",
    harm: "Whoever names a file or an object writes what lines he likes into the log, and into the terminal of its reader.",
    file: "src/observe/log.ts",
    find: ".replaceAll(UNSAFE,",
    replace: ".replaceAll(/[]/g,",
    killedBy: { file: "test/app/forged-lines.test.ts", title: "breaks a line that a person reads" },
  },
  {
    name: "log-every-refusal",
    harm: "Whoever sends malformed requests fills the disk of the node.",
    file: "src/observe/access-log.ts",
    find: 'if (report.outcome === "refused" && !budget.allows(report.failure)) return;',
    replace: 'if (report.outcome === "refused") budget.allows(report.failure);',
    killedBy: { file: "test/observe/access-log.test.ts", title: "leaves out refusals beyond the limit" },
  },
  {
    name: "leave-relayed-sockets-out",
    harm: "During a flood of refusals nobody learns who closed a socket and why.",
    file: "src/observe/access-log.ts",
    find: 'if (report.outcome === "refused" && !budget.allows(report.failure)) return;',
    replace: 'if (!budget.allows(report.outcome === "refused" ? report.failure : report.outcome)) return;',
    killedBy: { file: "test/observe/access-log.test.ts", title: "leaves out refusals beyond the limit" },
  },
  {
    name: "let-a-total-fall",
    harm: "Each Pong that comes in two reads looks like a restart to Prometheus, and a rate jumps to gigabytes.",
    file: "src/proxy/relay/direction.ts",
    find: "tally.bytes += this.#bytes - heldBytes(cursor) - bytesBefore;",
    replace: "tally.bytes += this.#bytes - bytesBefore;",
    killedBy: { file: "test/proxy/relay/tallies.test.ts", title: "never falls, not for a Pong" },
  },
  {
    name: "forget-what-a-removed-route-carried",
    harm: "A total falls whenever a route is removed, and looks like a restart.",
    file: "src/observe/route-ledger.ts",
    find: "addTallies(past, service.tallies);",
    replace: "addTallies(createFlowTallies(), service.tallies);",
    killedBy: { file: "test/observe/route-ledger.test.ts", title: "goes with the rule, and with its last connection" },
  },
  {
    name: "start-anew-at-each-swap",
    harm: "A change of one route sets the counts of all routes back.",
    file: "src/observe/route-ledger.ts",
    find: "if (service.open > 0 || service.servedBy === table) continue;",
    replace: "if (service.open > 0) continue;",
    killedBy: { file: "test/observe/route-ledger.test.ts", title: "is there at 0 as soon as the rule is served" },
  },
  {
    name: "write-a-scrape-in-one-go",
    harm: "Every scrape of thousands of routes holds up every socket.",
    file: "src/observe/exposition.ts",
    find: "await turn();",
    replace: "await Promise.resolve();",
    killedBy: { file: "test/observe/exposition.test.ts", title: "lets the event loop turn between any two pieces" },
  },
];
