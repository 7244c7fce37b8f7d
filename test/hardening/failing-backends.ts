import { route, rule, service } from "../harness/manifests.ts";
import { findClosedPort, startEcho, startResetting, startSilent } from "./backends.ts";
import { type Attempt, attempt, dial, echoes, handshakeHead, leave, pause, percentile, until } from "./clients.ts";
import { startFairlead } from "./fairlead-process.ts";
import { brokenOf, type Outcome, type Scenario } from "./outcome.ts";

const HANDSHAKE_MS = 2_000;
/** A machine that does much else at the same time is late, but not by this much. */
const LATE_MS = 10_000;
const EACH = 100;

async function run(durationMs: number): Promise<Outcome> {
  await using echo = await startEcho();
  await using silent = await startSilent();
  await using resetting = await startResetting();
  const timeouts = { handshake: `${HANDSHAKE_MS}ms` };
  const ports = { echo: echo.port, silent: silent.port, resetting: resetting.port, refusing: await findClosedPort() };
  await using fairlead = await startFairlead({
    manifests: Object.entries(ports).flatMap(([name, port]) => [
      service(name, [port]),
      route(name, [rule("all", `/${name}`, [name], { timeouts })]),
    ]),
  });
  const { http } = fairlead.ports;
  // Whatever is opened once and kept is open after this.
  await ask(http, "/silent", 2);
  await pause(500);
  const descriptors = fairlead.descriptors();
  const answers = {
    silent: new Map<string, number>(),
    refusing: new Map<string, number>(),
    resetting: new Map<string, number>(),
  };
  const waits: number[] = [];
  const endMs = performance.now() + durationMs;
  let rounds = 0;
  while (rounds === 0 || performance.now() < endMs) {
    for (const name of ["silent", "refusing", "resetting"] as const) {
      for (const { status, ms } of await ask(http, `/${name}`, EACH)) {
        answers[name].set(status, (answers[name].get(status) ?? 0) + 1);
        if (name === "silent") waits.push(ms);
      }
    }
    rounds += 1;
  }
  // Clients that leave while the backend is silent take its connections with them.
  const leaving = Array.from({ length: EACH }, () => dial({ port: http }));
  for (const socket of leaving) socket.write(handshakeHead("/silent"));
  await until("the backend's connections", () => silent.open() >= EACH);
  const leftMs = performance.now();
  await leave(leaving);
  await until("no connection at the backend", () => silent.open() === 0, 30_000, 5);
  const aborts = performance.now() - leftMs;
  await until("as few descriptors as before", () => fairlead.descriptors() <= descriptors + 2, 30_000, 5);
  const descriptorsBack = performance.now() - leftMs;
  const after = await attempt({ port: http });
  const works = after.type === "open" && (await echoes(after.socket));
  const only = (name: keyof typeof answers, status: string): boolean =>
    answers[name].size === 1 && answers[name].get(status) === rounds * EACH;
  return {
    figures: {
      "handshakes of each kind": rounds * EACH,
      "504 after, ms (least, median, most)": [0, 0.5, 1].map((part) => Math.round(percentile(waits, part))).join(", "),
      descriptors: `${descriptors} before, ${fairlead.descriptors()} after`,
    },
    measured: { deadline: Math.max(...waits.map((ms) => Math.abs(ms - HANDSHAKE_MS))), aborts, descriptorsBack },
    broken: brokenOf({
      "a silent backend is 504": only("silent", "504"),
      "a backend that refuses is 502": only("refusing", "502"),
      "a backend that resets is 502": only("resetting", "502"),
      "504 comes at the deadline":
        Math.min(...waits) >= HANDSHAKE_MS - 50 && Math.max(...waits) < HANDSHAKE_MS + LATE_MS,
      "everything works afterwards": works,
      "the process lives": fairlead.ended() === null,
    }),
  };
}

type Answer = { readonly status: string; readonly ms: number };

async function ask(port: number, path: string, count: number): Promise<readonly Answer[]> {
  return await Promise.all(
    Array.from({ length: count }, async () => {
      const begin = performance.now();
      const made = await attempt({ port, path }, 30_000);
      return { status: statusOf(made), ms: performance.now() - begin };
    }),
  );
}

function statusOf(made: Attempt): string {
  return made.type === "answered" ? String(made.status) : made.type;
}

/** R17. */
export const FAILING_BACKENDS: Scenario = {
  name: "failing-backends",
  promise: "each failure of a backend is an answer in time, and leaves nothing behind",
  run,
};
