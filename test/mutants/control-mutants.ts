import type { Mutant } from "./mutant.ts";

const GOLDEN = "test/translate/golden.test.ts";
const TRANSLATOR = "test/translate/translator.test.ts";
const MATCH = "test/table/match.test.ts";

/** Manifests, tables, matching and picking. */
export const CONTROL_MUTANTS: readonly Mutant[] = [
  {
    name: "match-prefixes-by-text",
    harm: "A rule for /ws also answers for /wsx, which belongs to somebody else.",
    file: "src/table/path-index.ts",
    find: 'if (length === path.length || path[length] === "/") search',
    replace: "search",
    killedBy: { file: MATCH, title: "the prefix /ws and the path /wsx: false" },
  },
  {
    name: "skip-patterns-that-cannot-be-read",
    harm: "Requests that were meant for a rule with a broken pattern reach a wider rule that may protect less.",
    file: "src/table/path-index.ts",
    find: "matches: () => true",
    replace: "matches: () => false",
    killedBy: { file: MATCH, title: "an unreadable pattern refuses what could have been meant for it" },
  },
  {
    name: "drop-the-last-good-version",
    harm: "A typing error in one file takes its routes down.",
    file: "src/files/reconcile.ts",
    find: "if (!manifest.readable) return markStale(earlier, manifest.problem);",
    replace: "if (!manifest.readable) return [];",
    killedBy: { file: "test/files/reconcile.test.ts", title: "a file that cannot be parsed keeps all of its objects" },
  },
  {
    name: "give-a-refused-share-to-the-others",
    harm: "A backend that may not be used hands its share to the others, so that one per cent becomes all.",
    file: "src/balance/balancer.ts",
    find: "weight: backend.weight }",
    replace: 'weight: backend.type === "Refuse" ? 0 : backend.weight }',
    killedBy: { file: "test/balance/balancer.test.ts", title: "that refuse keep their share and their status" },
  },
  {
    name: "translate-a-refused-share-to-nothing",
    harm: "A backend whose Service is missing loses its weight, and the canary beside it gets all of the traffic.",
    file: "src/translate/services.ts",
    find: 'return { type: "Refuse", weight, status',
    replace: 'return { type: "Refuse", weight: 0, status',
    killedBy: { file: GOLDEN, title: "backends/missing-service" },
  },
  {
    name: "remember-a-grant-that-was-taken-back",
    harm: "Who revokes access to a namespace has revoked nothing until the process starts anew.",
    file: "src/translate/remember.ts",
    find: "grants: (reference) => ask((now) => now.grants(reference)),",
    replace: "grants: lookup.grants,",
    killedBy: { file: TRANSLATOR, title: "takes its backend when the grant for it is taken back" },
  },
  {
    name: "remember-a-certificate-that-was-replaced",
    harm: "A rotated certificate is not served until it has expired and the process starts anew.",
    file: "src/translate/remember.ts",
    find: "return ask((now) => now.secrets.get(key));",
    replace: "return lookup.secrets.get(key);",
    killedBy: { file: TRANSLATOR, title: "is every route whose Secret is gone, and no other" },
  },
  {
    name: "ask-for-no-grant",
    harm: "Anybody who may write a route reaches the Services and certificates of every namespace.",
    file: "src/translate/references.ts",
    find: "if (lookup.grants({ from, to })) return",
    replace: "if (lookup.grants({ from, to }) || from.kind) return",
    killedBy: { file: GOLDEN, title: "grants/missing" },
  },
  {
    name: "send-new-sockets-to-endpoints-that-leave",
    harm: "New connections go to pods that are shutting down and are cut seconds later.",
    file: "src/table/endpoint-table.ts",
    find: "pool.filter((endpoint) => endpoint.ready)",
    replace: "pool.filter((endpoint) => endpoint.ready || endpoint.serving)",
    killedBy: { file: "test/balance/endpoint-queue.test.ts", title: "ready endpoints only, while there are any" },
  },
];
