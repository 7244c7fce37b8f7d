import type { Case } from "../cases.ts";
import type { Dialogue, Processes } from "../processes.ts";
import { HOST } from "../rivals/rival.ts";
import type { LoadProgram } from "./build.ts";

/** Starts both ends of the benchmark: the echo backend, and its clients. */
export type Loads = {
  /** Resolves to the port that it listens on. */
  readonly backend: () => Promise<number>;
  /** Clients of a case, which are connected and have exchanged a message each when this resolves. */
  readonly clients: (port: number, work: ClientWork) => Promise<Clients>;
};

/** What clients do. */
export type ClientWork = Pick<Case, "tls" | "sockets" | "bytes"> & { readonly kind: "echo" | "handshake" };

/** Clients that are connected. */
export type Clients = {
  /** Keeps every socket busy for so long; resolves to the echoes, or handshakes, that were completed. */
  readonly run: (ms: number) => Promise<number>;
  /** Silent until then; closes every socket. */
  readonly stop: () => Promise<void>;
};

/** Loads on these cores. */
export function createLoads(program: LoadProgram, processes: Processes, cores: readonly number[]): Loads {
  const start = (...words: readonly string[]): Dialogue => processes.converse({ program: program.path, words }, cores);
  return {
    backend: async () => Number(await start("backend").expect("port")),
    clients: async (port, { kind, tls, sockets, bytes }) => {
      const clients = start(kind, String(port), tls ? "tls" : "plain", HOST, String(sockets), String(bytes));
      await clients.expect("ready");
      return {
        run: async (ms) => {
          clients.say(`go ${ms}`);
          return Number(await clients.expect("done"));
        },
        stop: clients.stop,
      };
    },
  };
}
