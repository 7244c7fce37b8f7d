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
];
