import { type ChildProcess, spawn } from "node:child_process";
import { openSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

const STOP_MS = 5_000;
const START_MS = 20_000;
const LINE_MS = 180_000;

/** A program to run. */
export type Command = {
  readonly program: string;
  readonly words: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
};

/** A server that was started: its standard output goes to /dev/null. */
export type Server = { readonly pid: number; readonly stop: () => Promise<void> };

/** A program that is driven by lines. */
export type Dialogue = {
  readonly pid: number;
  readonly say: (line: string) => void;
  /** The rest of the next line, which must begin with `word`; rejects when it does not, or none comes in three minutes. */
  readonly expect: (word: string) => Promise<string>;
  readonly stop: () => Promise<void>;
};

/** Everything that was started, so that nothing stays behind. */
export type Processes = {
  readonly serve: (command: Command, cores: readonly number[]) => Server;
  readonly converse: (command: Command, cores: readonly number[]) => Dialogue;
  readonly stopAll: () => Promise<void>;
};

/** Runs programs pinned to cores; what they write to standard error goes to a file in `directory`. */
export function createProcesses(directory: string): Processes {
  const running = new Set<() => Promise<void>>();
  const start = (
    { program, words, env }: Command,
    cores: readonly number[],
    talks: boolean,
  ): [ChildProcess, Server] => {
    const errors = openSync(join(directory, "stderr.log"), "a");
    const pipe = talks ? "pipe" : "ignore";
    const child: ChildProcess = spawn("taskset", ["--cpu-list", cores.join(","), program, ...words], {
      stdio: [pipe, pipe, errors],
      env: { PATH: process.env["PATH"], ...env },
      cwd: directory,
      // A terminal's Ctrl-C reaches this process alone, which stops the others in order.
      detached: true,
    });
    const { pid } = child;
    if (pid === undefined) throw new Error("taskset (of util-linux) could not be started; the benchmark needs Linux");
    const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    const stop = async (): Promise<void> => {
      running.delete(stop);
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGTERM");
      const late = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
      await ended;
      clearTimeout(late);
    };
    running.add(stop);
    return [child, { pid, stop }];
  };
  return {
    serve: (command, cores) => start(command, cores, false)[1],
    converse: (command, cores) => {
      const [child, server] = start(command, cores, true);
      return { ...server, ...talkTo(child, command.words.join(" ")) };
    },
    stopAll: async () => {
      await Promise.all([...running].map((stop) => stop()));
    },
  };
}

function talkTo(child: ChildProcess, name: string): Pick<Dialogue, "say" | "expect"> {
  const { stdin, stdout } = child;
  if (stdin === null || stdout === null) throw new Error("a dialogue needs pipes");
  stdin.on("error", () => {});
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  return {
    say: (line) => stdin.write(`${line}\n`),
    expect: async (word) => {
      const waiting = new AbortController();
      const late = sleep(LINE_MS, { done: true, value: "" }, { signal: waiting.signal });
      const { done, value } = await Promise.race([lines.next(), late]);
      waiting.abort();
      late.catch(() => {});
      if (done === true) throw new Error(`${name}: ended, or said nothing, where "${word}" was expected`);
      if (value !== word && !value.startsWith(`${word} `)) throw new Error(`${name}: ${value}`);
      return value.slice(word.length + 1);
    },
  };
}

/** A port of 127.0.0.1 that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  return address.port;
}

/** Resolves once the port takes connections; rejects after 20 seconds. */
export async function untilListening(port: number, name: string): Promise<void> {
  const deadline = Date.now() + START_MS;
  while (!(await takesConnections(port))) {
    if (Date.now() > deadline) throw new Error(`${name} does not listen on port ${port} after ${START_MS / 1000} s`);
    await sleep(50);
  }
}

async function takesConnections(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    return await new Promise<boolean>((resolve) => {
      socket.once("connect", () => resolve(true));
      socket.once("error", () => resolve(false));
    });
  } finally {
    socket.destroy();
  }
}
