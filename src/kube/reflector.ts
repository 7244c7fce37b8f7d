import { setImmediate as yieldToEventLoop } from "node:timers/promises";
import type { WatchState } from "../base/cluster-figures.ts";
import { messageOf } from "../base/message-of.ts";
import type { Clock } from "../base/ports.ts";
import type { ApiClient } from "./api-client.ts";
import { ApiFailure } from "./api-failure.ts";
import { type Backoff, createBackoff } from "./backoff.ts";
import { isNotNewer } from "./compare-versions.ts";
import { listObjects } from "./list-objects.ts";
import type { ObjectSet } from "./object-set.ts";
import { pause } from "./pause.ts";
import { readEvent } from "./raw-object.ts";
import { explainAbsent, explainForbidden, pathOf, type Resource } from "./resource.ts";
import { beginProgress, count, type WatchProgress } from "./watch-progress.ts";

/** What a reflector is joined to. */
export type ReflectorParts = {
  readonly resource: Resource;
  readonly client: Pick<ApiClient, "get" | "lines">;
  readonly clock: Clock;
  readonly random: () => number;
  /** Where the objects go. */
  readonly set: ObjectSet;
  /** The state or its explanation has changed, or the first list is there. */
  readonly told: (progress: Readonly<WatchProgress>) => void;
};

/** Keeps a set of objects equal to those of the API server. */
export type Reflector = {
  readonly start: () => void;
  /** Resolves when nothing more is asked or told. */
  readonly stop: () => Promise<void>;
  readonly progress: () => Readonly<WatchProgress>;
};

type Run = ReflectorParts & {
  readonly progress: WatchProgress;
  readonly backoff: Backoff;
  readonly signal: AbortSignal;
};

/** A watch that says nothing and ends before this is a failure, lest it be begun again at once for ever. */
const HASTY_MS = 1_000;

/** A watch that lived so long was a good one. */
const GOOD_MS = 10_000;

/** A broken line comes again after each resumption, if it is in the history: then only a list gets past it. */
const MAX_MALFORMED = 3;

/** The objects of a kind that is not known any more are believed gone after this long. */
const ABSENT_MS = 60_000;

const SLICE_MS = 5;

const SAFETY = { leastMs: 600_000, spreadMs: 300_000 };

/** A permission may be granted and a definition installed at any time; nobody waits long for either to be noticed. */
const LOOK_AGAIN = { leastMs: 10_000, spreadMs: 10_000 };

/**
 * Lists, then watches from there on, and starts again where it was after every failure. It deletes nothing because of a
 * failed list: what was read last stays until the API server says otherwise.
 */
export function createReflector(parts: ReflectorParts): Reflector {
  const stopping = new AbortController();
  const progress = beginProgress();
  const run: Run = { ...parts, progress, backoff: createBackoff(parts.random), signal: stopping.signal };
  let running: Promise<void> = Promise.resolve();
  return {
    start: () => {
      running = reflect(run);
    },
    stop: async () => {
      stopping.abort();
      await running;
    },
    progress: () => progress,
  };
}

async function reflect(run: Run): Promise<void> {
  const { signal, progress, clock } = run;
  while (!signal.aborted) {
    try {
      if (progress.position === null || clock.monotonicMs() >= progress.safetyDueMs) await list(run);
      await watch(run);
    } catch (error) {
      if (!signal.aborted) await pause(clock, recover(run, failureOf(error)), signal);
    }
  }
}

async function list(run: Run): Promise<void> {
  const { progress, clock, random, resource } = run;
  count(progress.lists, progress.position === null ? progress.listReason : "safety");
  progress.position = await listAnyVersion(run, resource.row.versions);
  progress.safetyDueMs = clock.monotonicMs() + SAFETY.leastMs + random() * SAFETY.spreadMs;
  progress.aliveMs = clock.monotonicMs();
  progress.absentSinceMs = null;
  progress.malformedInRow = 0;
  if (progress.isListed) return;
  progress.isListed = true;
  run.told(progress);
}

/** The versions are tried in order, as long as the server says that it does not know one. */
async function listAnyVersion(run: Run, [version = "", ...others]: readonly string[]): Promise<string> {
  const { resource, progress, set } = run;
  const intake = set.intake();
  try {
    const reached = await listObjects(pathOf(resource, version), run, intake.add);
    progress.missed += intake.finish(reached, progress.position);
    progress.version = version;
    return reached;
  } catch (error) {
    const failure = failureOf(error);
    if (failure.type === "absent" && others.length > 0) return await listAnyVersion(run, others);
    throw failure;
  }
}

async function watch(run: Run): Promise<void> {
  const { progress, clock, signal, client } = run;
  const startedMs = clock.monotonicMs();
  let told = 0;
  for await (const lines of client.lines(watchPath(run), signal)) {
    if (signal.aborted) return;
    progress.aliveMs = clock.monotonicMs();
    setState(run, "synced", null);
    told += lines.length;
    await take(lines, run);
    if (lines.length > 0 || clock.monotonicMs() - startedMs >= GOOD_MS) settle(run);
  }
  if (told === 0 && clock.monotonicMs() - startedMs < HASTY_MS) {
    throw new ApiFailure("hasty", "the API server ended a watch at once, without a word");
  }
}

/** The server ends the watch after 290 s, more or less, so that the watches of all replicas do not end together. */
function watchPath({ progress, clock, random, resource }: Run): string {
  const leftS = Math.ceil((progress.safetyDueMs - clock.monotonicMs()) / 1_000);
  const seconds = Math.max(1, Math.min(leftS, Math.round(230 + random() * 120)));
  const position = encodeURIComponent(progress.position ?? "");
  const query = `watch=1&allowWatchBookmarks=true&timeoutSeconds=${seconds}&resourceVersion=${position}`;
  return `${pathOf(resource, progress.version)}?${query}`;
}

/** Connections are served on the same thread: after a slice of work it is their turn. */
async function take(lines: readonly string[], run: Run): Promise<void> {
  const { clock, signal } = run;
  let sliceMs = clock.monotonicMs();
  for (const line of lines) {
    if (clock.monotonicMs() - sliceMs >= SLICE_MS) {
      await yieldToEventLoop();
      if (signal.aborted) return;
      sliceMs = clock.monotonicMs();
    }
    takeLine(line, run);
  }
}

function takeLine(line: string, { progress, set }: Run): void {
  const event = readEvent(line);
  progress.malformedInRow = 0;
  const version = event.type === "bookmark" ? event.version : event.object.version;
  if (event.type === "put") set.put(event.object);
  else if (event.type === "remove") set.remove(event.object);
  else set.passed(version);
  // A late event must not send the next watch back.
  if (progress.position === null || !isNotNewer(version, progress.position)) progress.position = version;
}

function settle({ progress, backoff }: Run): void {
  progress.failuresInRow = 0;
  backoff.reset();
}

/** The client fails in its own words; anything else is an object that this code does not get along with, which is a defect. */
function failureOf(error: unknown): ApiFailure {
  if (error instanceof ApiFailure) return error;
  return new ApiFailure("malformed", `what the API server sent cannot be taken over: ${messageOf(error)}`);
}

/** Learns from a failure; gives how long to wait before the next attempt. */
function recover(run: Run, failure: ApiFailure): number {
  const { progress, backoff, random } = run;
  count(progress.failures, failure.type);
  progress.failuresInRow += 1;
  if (failure.type === "forbidden" || failure.type === "absent") {
    lookAgain(run, failure.type);
    return LOOK_AGAIN.leastMs + random() * LOOK_AGAIN.spreadMs;
  }
  if (failure.type === "malformed") progress.malformedInRow += 1;
  if (failure.type === "expired") relistBecause(run, "expired");
  else if (progress.malformedInRow >= MAX_MALFORMED) relistBecause(run, "malformed");
  // A watch that breaks is begun again; only what fails again is worth a word.
  if (!progress.isListed || progress.failuresInRow > 1) setState(run, "failing", failure.message);
  return Math.max(failure.retryAfterMs ?? 0, backoff.next());
}

function lookAgain(run: Run, type: "forbidden" | "absent"): void {
  relistBecause(run, "returned");
  if (type === "absent") forgetAbsent(run);
  const { resource } = run;
  setState(run, type, type === "absent" ? explainAbsent(resource) : explainForbidden(resource, "list and watch"));
}

/** A list that failed for another reason has its own already: the first one counts. */
function relistBecause({ progress }: Run, reason: "returned" | "expired" | "malformed"): void {
  if (progress.position !== null || reason === "returned") progress.listReason = progress.isListed ? reason : "start";
  progress.position = null;
}

/** A definition that is removed takes its objects along; the watch may have been too late to be told of each. */
function forgetAbsent({ progress, clock, set }: Run): void {
  progress.absentSinceMs ??= clock.monotonicMs();
  if (set.size() > 0 && clock.monotonicMs() - progress.absentSinceMs >= ABSENT_MS) set.intake().finish("", null);
}

function setState(run: Run, state: WatchState, explanation: string | null): void {
  const { progress } = run;
  if (progress.state === state && progress.explanation === explanation) return;
  progress.state = state;
  progress.explanation = explanation;
  run.told(progress);
}
