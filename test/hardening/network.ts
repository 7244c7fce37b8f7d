import { spawnSync } from "node:child_process";

/** A network of two: this machine, and a namespace whose peers can vanish without a word. */
export type Network = Disposable & {
  /** Our address, as the namespace reaches it. */
  readonly host: string;
  /** What stands in front of a command, so that it runs in the namespace. */
  readonly through: readonly string[];
  /** From now on nothing leaves the namespace any more: no FIN, no RST, no acknowledgement. */
  readonly vanish: () => void;
};

/** Makes a network; null where this process may make none, or has no `ip`. */
export function makeNetwork(): Network | null {
  const name = `fairlead-${process.pid}`;
  const [ours, theirs] = [`flh${process.pid}`, `fln${process.pid}`];
  // Of the networks for benchmarks (RFC 2544), which nobody routes.
  const third = process.pid % 250;
  const host = `198.18.${third}.1`;
  const steps = [
    `netns add ${name}`,
    `link add ${ours} type veth peer name ${theirs} netns ${name}`,
    `addr add ${host}/30 dev ${ours}`,
    `link set ${ours} up`,
    `-n ${name} addr add 198.18.${third}.2/30 dev ${theirs}`,
    `-n ${name} link set ${theirs} up`,
    `-n ${name} link set lo up`,
  ];
  const remove = (): void => {
    ip(`link del ${ours}`);
    ip(`netns del ${name}`);
  };
  if (!steps.every(ip)) {
    remove();
    return null;
  }
  return {
    host,
    through: ["ip", "netns", "exec", name],
    vanish: () => {
      if (!ip(`-n ${name} route add blackhole ${host}/32`)) throw new Error("the route could not be taken away");
    },
    [Symbol.dispose]: remove,
  };
}

function ip(words: string): boolean {
  return spawnSync("ip", words.split(" "), { stdio: "ignore" }).status === 0;
}
