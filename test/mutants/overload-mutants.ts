import type { Mutant } from "./mutant.ts";

const DOORKEEPER = "test/proxy/listen/doorkeeper.test.ts";

/** What keeps a replica from taking on more than it can carry. */
export const OVERLOAD_MUTANTS: readonly Mutant[] = [
  {
    name: "forget-a-connection-that-moves",
    harm: "An open WebSocket counts for nothing, and one client address opens as many as there are descriptors.",
    file: "src/base/connection-life.ts",
    find: "    onceGone(successor, gone);",
    replace: "    gone();",
    killedBy: { file: DOORKEEPER, title: "counts a connection that goes on in another socket until that is gone" },
  },
  {
    name: "remember-every-client",
    harm: "Every address that ever connected stays in memory, until there is none left.",
    file: "src/proxy/listen/doorkeeper.ts",
    find: "if (client.open === 0) clients.delete(key);",
    replace: "",
    killedBy: { file: DOORKEEPER, title: "remembers nobody when all are gone" },
  },
  {
    name: "never-let-a-queue-go",
    harm: "Clients that stop reading all at once fill the memory, and the kernel ends the process with everybody in it.",
    file: "src/proxy/relay/queue-pool.ts",
    find: "queueMicrotask(() => this.#relieve());",
    replace: "",
    killedBy: {
      file: "test/proxy/relay/queue-pool.test.ts",
      title: "Over the bound, those are let go that have been waited for longest",
    },
  },
  {
    name: "let-one-route-have-every-place",
    harm: "A route whose backends hang has the handshakes of all other routes refused.",
    file: "src/overload/waiting-room.ts",
    find: "if (here >= perRoute)",
    replace: "if (here >= places)",
    killedBy: {
      file: "test/overload/welcome.test.ts",
      title: "leaves half of its places to other routes, and refuses when all are taken",
    },
  },
];
