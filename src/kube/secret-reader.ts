import { isDictionary } from "../api/validate/defaults.ts";
import type { ApiFailureType, WatchState } from "../base/cluster-figures.ts";
import type { Clock, Timer } from "../base/ports.ts";
import type { ApiClient } from "./api-client.ts";
import { type ApiFailure, failureOfError } from "./api-failure.ts";
import { type Backoff, createBackoff } from "./backoff.ts";
import type { ObjectSet } from "./object-set.ts";
import { readObject } from "./raw-object.ts";
import { explainForbidden, type Resource } from "./resource.ts";
import { count } from "./watch-progress.ts";

/** What a reader of Secrets is joined to. */
export type SecretReaderParts = {
  readonly row: Resource["row"];
  readonly client: Pick<ApiClient, "get">;
  readonly clock: Clock;
  readonly random: () => number;
  readonly set: ObjectSet;
  /** Every Secret that was named has been tried, and some had not been before. */
  readonly tried: () => void;
  /** How the reading of one Secret stands has changed. */
  readonly told: (secret: string, state: WatchState, explanation: string | null) => void;
};

/** Reads the Secrets that it is told to, one by one, and no others. */
export type SecretReader = {
  /** These and no others, as `namespace/name`; those of `again` are read at once. True if each of them has been tried. */
  readonly name: (named: ReadonlySet<string>, again: Iterable<string>) => boolean;
  /** What is wrong, for those that cannot be read. */
  readonly faults: () => readonly { readonly state: WatchState; readonly explanation: string }[];
  readonly failures: () => ReadonlyMap<ApiFailureType, number>;
  /** Since the last answer; null before the first. */
  readonly aliveMs: () => number | null;
  readonly stop: () => void;
};

type Named = {
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  readonly backoff: Backoff;
  state: WatchState;
  explanation: string | null;
  dueMs: number;
  isReading: boolean;
};

/** At most 20 readings a second are begun, whatever is named. */
const PACE_MS = 50;
const MAX_READING = 4;

/** A rotated certificate is served within a minute. */
const POLL = { leastMs: 50_000, spreadMs: 9_000 };

/** Somebody who refers to a Secret before it is there is waiting for it. */
const ABSENT_POLL = { leastMs: 5_000, spreadMs: 5_000 };

/** A poll only asks whether there is anything new; the Secret itself is read when there is. */
const METADATA_ONLY = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";

/** Makes a reader that has nothing to read yet. */
export function createSecretReader(parts: SecretReaderParts): SecretReader {
  const { clock, set } = parts;
  const stopping = new AbortController();
  const failures = new Map<ApiFailureType, number>();
  const secrets = new Map<string, Named>();
  let reading = 0;
  let aliveMs: number | null = null;
  let wasTold = true;
  let lastBegunMs = Number.NEGATIVE_INFINITY;
  let timer: Timer | null = null;

  const isTried = (): boolean => secrets.values().every(({ state }) => state !== "waiting");
  const read = async (secret: Named): Promise<void> => {
    const failure = await readSecret(secret, parts, stopping.signal).then(
      () => null,
      (error: unknown) => failureOfError(error, true),
    );
    reading -= 1;
    secret.isReading = false;
    if (stopping.signal.aborted || secrets.get(secret.key) !== secret) return;
    if (failure === null || failure.type === "absent") aliveMs = clock.monotonicMs();
    else count(failures, failure.type);
    if (failure?.type === "absent") set.drop(secret.namespace, secret.name);
    conclude(secret, failure, parts);
    if (!wasTold && isTried()) {
      wasTold = true;
      parts.tried();
    }
    schedule();
  };
  const schedule = (): void => {
    timer?.stop();
    const next = reading < MAX_READING ? earliest(secrets.values()) : null;
    if (next === null || stopping.signal.aborted) return;
    const atMs = Math.max(next.dueMs, lastBegunMs + PACE_MS);
    timer = clock.after(Math.max(0, atMs - clock.monotonicMs()), () => {
      lastBegunMs = clock.monotonicMs();
      next.isReading = true;
      reading += 1;
      // It never rejects.
      read(next).catch(() => {});
      schedule();
    });
  };
  return {
    name: (named, again) => {
      rename(secrets, { named, again }, parts);
      wasTold = isTried();
      schedule();
      return wasTold;
    },
    faults: () => faultsOf(secrets.values()),
    failures: () => failures,
    aliveMs: () => aliveMs,
    stop: () => {
      stopping.abort();
      timer?.stop();
    },
  };
}

function rename(
  secrets: Map<string, Named>,
  { named, again }: { readonly named: ReadonlySet<string>; readonly again: Iterable<string> },
  { clock, random, set }: SecretReaderParts,
): void {
  for (const { key, namespace, name } of secrets.values()) {
    if (named.has(key)) continue;
    secrets.delete(key);
    set.drop(namespace, name);
  }
  for (const key of named) if (!secrets.has(key)) secrets.set(key, unread(key, clock.monotonicMs(), random));
  for (const key of again) {
    const secret = secrets.get(key);
    if (secret !== undefined) secret.dueMs = clock.monotonicMs();
  }
}

function faultsOf(secrets: Iterable<Named>): ReturnType<SecretReader["faults"]> {
  return [...secrets].flatMap(({ state, explanation }) => (explanation === null ? [] : [{ state, explanation }]));
}

function unread(key: string, nowMs: number, random: () => number): Named {
  const [namespace = "", name = ""] = key.split("/");
  const backoff = createBackoff(random);
  return { key, namespace, name, backoff, state: "waiting", explanation: null, dueMs: nowMs, isReading: false };
}

/** One that was never read comes before all that are only looked at again. */
function earliest(secrets: Iterable<Named>): Named | null {
  let first: Named | null = null;
  for (const secret of secrets) {
    if (secret.isReading) continue;
    if (secret.state === "waiting") return secret;
    if (first === null || secret.dueMs < first.dueMs) first = secret;
  }
  return first;
}

async function readSecret(
  { namespace, name }: Named,
  { client, set, row }: SecretReaderParts,
  signal: AbortSignal,
): Promise<void> {
  const path = `/api/${row.versions[0]}/namespaces/${encodeURIComponent(namespace)}/${row.plural}/${encodeURIComponent(name)}`;
  const known = set.get(namespace, name);
  if (known === undefined) {
    set.put(readObject(await client.get(path, signal)));
    return;
  }
  const answer = await client.get(path, signal, METADATA_ONLY);
  const { version, uid } = readObject(answer);
  if (version === known.version && uid === known.uid) return;
  const isWhole = !(isDictionary(answer) && answer["kind"] === "PartialObjectMetadata");
  set.put(readObject(isWhole ? answer : await client.get(path, signal)));
}

/** Says when to read it next, and what its reader has to know. What was read before stays, whatever failed. */
function conclude(secret: Named, failure: ApiFailure | null, { clock, random, row, told }: SecretReaderParts): void {
  const before = secret.state;
  const poll = failure?.type === "absent" ? ABSENT_POLL : POLL;
  let waitMs = poll.leastMs + random() * poll.spreadMs;
  secret.explanation = null;
  if (failure === null || failure.type === "absent") {
    // That it is not there is its author's to mend; translation says so.
    secret.state = "synced";
    secret.backoff.reset();
  } else if (failure.type === "forbidden") {
    secret.state = "forbidden";
    secret.explanation = explainForbidden({ row, namespace: secret.namespace }, "get");
  } else {
    secret.state = "failing";
    secret.explanation = failure.message;
    waitMs = Math.max(failure.retryAfterMs ?? 0, secret.backoff.next());
  }
  secret.dueMs = clock.monotonicMs() + waitMs;
  if (secret.state !== before && (before !== "waiting" || secret.state !== "synced")) {
    told(secret.key, secret.state, secret.explanation);
  }
}
