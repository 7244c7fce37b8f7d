import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { cpus, release, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { makeSelfSigned } from "../src/cli/self-signed.ts";
import type { Case } from "./race/cases.ts";
import { buildLoad } from "./race/load/build.ts";
import { createLoads } from "./race/load/load.ts";
import { type Bench, measure, measureCeiling, type Running, startProxy, warmUp } from "./race/measure.ts";
import { type Options, readOptions } from "./race/options.ts";
import { allowedCores } from "./race/proc.ts";
import { createProcesses } from "./race/processes.ts";
import { formatTable, type Result } from "./race/report.ts";
import { type Found, findRivals, knownRivals } from "./race/rivals/index.ts";
import { HOST, type Site } from "./race/rivals/rival.ts";

/** Below this the generator might be what is measured. */
const WANTED_ECHOES_PER_SECOND = 60_000;
const LONGEST_MS = 2 * 60 * 60 * 1_000;

await main();

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (typeof options === "string") {
    process.stdout.write(`${options}\n`);
    process.exitCode = 2;
    return;
  }
  const directory = await mkdtemp(join(tmpdir(), "fairlead-bench-"));
  const processes = createProcesses(directory);
  const end = async (): Promise<void> => {
    await processes.stopAll();
    await rm(directory, { recursive: true, force: true });
  };
  const stopEarly = (why: string): void => {
    tell(why);
    const exit = (): never => process.exit(1);
    end().then(exit, exit);
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stopEarly("stopped"));
  setTimeout(() => stopEarly("stopped: it took longer than two hours"), LONGEST_MS).unref();
  try {
    await race(options, directory, processes);
  } catch (error) {
    tell(error instanceof Error ? error.message : String(error));
    tell(await readFile(join(directory, "stderr.log"), "utf8").catch(() => ""));
    process.exitCode = 1;
  } finally {
    await end();
  }
}

async function race(options: Options, directory: string, processes: Bench["processes"]): Promise<void> {
  const program = buildLoad(directory);
  const cores = allowedCores();
  const loadCores = cores.length > 1 ? cores.slice(1) : cores;
  if (cores.length === 1) tell("only one core: proxy and load share it, and figures are worth less");
  const loads = createLoads(program, processes, loadCores);
  const bench: Bench = {
    processes,
    loads,
    directory,
    proxyCores: cores.slice(0, 1),
    certificate: await writeCertificate(directory),
    backendPort: await loads.backend(),
    times: options.times,
  };
  const found = findRivals(wanted(options));
  tell(found.map(({ rival, version }) => `${rival.name} ${version}`).join(", "));
  const ceiling = await measureCeiling(bench);
  tell(`load generator and backend alone: ${Math.round(ceiling)} echoes a second`);
  if (ceiling < WANTED_ECHOES_PER_SECOND) tell(`that is less than ${WANTED_ECHOES_PER_SECOND}: is the machine busy?`);
  if (!program.tls) tell("OpenSSL's headers (libssl-dev) were not found: no TLS");
  const cases = options.cases.filter(({ tls }) => program.tls || !tls);
  const results = await runRounds(bench, found, { ...options, cases });
  const table = formatTable(
    cases,
    found.map(({ rival }) => rival.name),
    results,
  );
  process.stdout.write(`\n${table}\n`);
  if (options.json !== null) await writeRecord(resolve(options.json), { found, options, ceiling, results });
}

function wanted({ rivals, profile }: Options): ReturnType<typeof knownRivals> {
  const profileDirectory = profile === null ? null : resolve(profile);
  return knownRivals({ profileDirectory }).filter(
    ({ name }, index) => rivals.length === 0 || index === 0 || rivals.some((text) => name.toLowerCase().includes(text)),
  );
}

/** Round by round, case by case, and within a case every rival: what disturbs the machine disturbs all of them. */
async function runRounds(
  bench: Bench,
  found: readonly Found[],
  { cases, rounds }: Options,
): Promise<readonly Result[]> {
  const running: Running[] = [];
  const secure = [...new Set(cases.filter(({ kind }) => kind !== "idle").map(({ tls }) => tls))];
  for (const each of found) running.push(await startProxy(bench, each));
  for (const proxy of running) await warmUp(bench, proxy, secure);
  const results: Result[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    for (const work of cases.filter((each) => round === 1 || isRepeated(each))) {
      for (const proxy of running) {
        const sample = await measure(bench, proxy, work);
        const result = { case: work.name, rival: proxy.found.rival.name, round, ...sample };
        results.push(result);
        tell(describe(result, work));
      }
    }
  }
  for (const { server } of running) await server.stop();
  return results;
}

/** Memory hardly varies, and cases with many sockets take long. */
function isRepeated({ kind, tier }: Case): boolean {
  return tier === "base" && kind !== "idle";
}

function describe({ round, rival, cost, perSecond }: Result, { kind, name }: Case): string {
  const rate = perSecond === null ? "" : `, ${Math.round(perSecond)} a second`;
  return `round ${round}, ${name}, ${rival}: ${cost.toFixed(2)} ${kind === "idle" ? "KiB" : "us"}${rate}`;
}

async function writeCertificate(directory: string): Promise<Site["certificate"]> {
  const { chain, key } = await makeSelfSigned([HOST]);
  const paths = {
    chain: join(directory, "chain.pem"),
    key: join(directory, "key.pem"),
    both: join(directory, "both.pem"),
  };
  await writeFile(paths.chain, chain);
  await writeFile(paths.key, key);
  await writeFile(paths.both, `${chain}\n${key}`);
  return paths;
}

type RecordParts = {
  readonly found: readonly Found[];
  readonly options: Options;
  readonly ceiling: number;
  readonly results: readonly Result[];
};

async function writeRecord(file: string, { found, options, ceiling, results }: RecordParts): Promise<void> {
  const record = {
    date: new Date().toISOString(),
    machine: { cpu: cpus()[0]?.model ?? "unknown", cores: cpus().length, kernel: release() },
    versions: Object.fromEntries(found.map(({ rival, version }) => [rival.name, version])),
    times: options.times,
    rounds: options.rounds,
    echoesPerSecondWithoutProxy: Math.round(ceiling),
    results,
  };
  await writeFile(file, `${JSON.stringify(record, null, 2)}\n`);
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}
