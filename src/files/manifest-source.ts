import { resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { IngressClass } from "../api/core.ts";
import { findFault } from "../api/find-fault.ts";
import type { Validator } from "../api/validate/validator.ts";
import type { View } from "../api/view.ts";
import { CodedError } from "../base/error-codes.ts";
import { inSlices } from "../base/in-slices.ts";
import type { Clock, Log, Timer } from "../base/ports.ts";
import { settleDown } from "../base/settle-down.ts";
import { finish } from "../base/work.ts";
import { buildView, findChanges, type ViewChange } from "./build-view.ts";
import type { FilePlace, FileProblem } from "./file-problem.ts";
import { DEFAULT_FILE_LIMITS, type FileLimits } from "./limits.ts";
import type { FindFault } from "./parse-manifest.ts";
import { type ObjectField, placeFields } from "./place-fields.ts";
import { type ManifestReading, NOTHING_SERVED, reconcile, type Served } from "./reconcile.ts";
import { reportProblems } from "./report-problems.ts";
import { type ManifestCache, takeReading } from "./take-reading.ts";
import { type DirectoryWatch, watchDirectories } from "./watch-directories.ts";

/** What openManifests needs. */
export type ManifestOptions = {
  /** The directory; relative to the working directory if not absolute. */
  readonly root: string;
  readonly validate: Validator;
  /** What makes a valid object useless, so that its last good version stays; by default that of api/find-fault.ts. */
  readonly findFault?: FindFault;
  /** The IngressClass that is there without a file. */
  readonly impliedClass: IngressClass;
  readonly log: Log;
  readonly clock: Clock;
  /** Called after each change of an object or of what is stale; never before openManifests has resolved. */
  readonly onChange: (change: ViewChange) => void;
  /** Waits this long for changes to stop, and at most ten times as long; 50 by default. */
  readonly quietMs?: number;
  /** Reads the directory this often even if nothing seems to change; 10 000 by default. */
  readonly rereadMs?: number;
  readonly limits?: FileLimits;
};

/** A directory of manifests, watched. */
export type ManifestSource = {
  /** The latest view. */
  readonly view: () => View;
  /** Everything that is wrong in the directory now. */
  readonly problems: () => readonly FileProblem[];
  /** Where fields of the view's objects are in the files, in the same order; null if no file holds the object. */
  readonly place: (fields: readonly ObjectField[]) => Promise<readonly (FilePlace | null)[]>;
  /** Reads the directory now; resolves when what it holds is the view. */
  readonly refresh: () => Promise<void>;
  /** Stops watching; resolves when no more calls of onChange can come. */
  readonly close: () => Promise<void>;
};

/** The directory cannot be read at all at the start. */
export class ManifestDirectoryError extends CodedError {
  override readonly name = "ManifestDirectoryError";
}

const defaultQuietMs = 50;
const defaultRereadMs = 10_000;
const ceilingPerQuiet = 10;

/**
 * Reads a directory of manifests and keeps following it: file events tell of changes, and a slow re-read finds what they
 * miss. Objects and files that become unreadable keep their last good version. Throws ManifestDirectoryError if the
 * directory cannot be read at the start; later its content stays as it was.
 */
export async function openManifests(options: ManifestOptions): Promise<ManifestSource> {
  const { clock, log, quietMs = defaultQuietMs, rereadMs = defaultRereadMs } = options;
  const limits = options.limits ?? DEFAULT_FILE_LIMITS;
  const root = resolve(options.root);
  let isClosed = false;
  let reading: Promise<void> = Promise.resolve();
  let reread: Timer | undefined;
  const readUnlessClosed = async (): Promise<void> => {
    if (!isClosed) await follower.readAgain();
  };
  const refresh = (): Promise<void> => {
    // One reading at a time: each waits for the one before.
    const next = reading.then(readUnlessClosed);
    reading = next.catch(() => undefined);
    return next;
  };
  const refreshUnasked = (): void => {
    refresh().catch((error: unknown) => log.error({ err: error }, "the manifests could not be read again"));
  };
  const settling = settleDown(clock, { quietMs, ceilingMs: quietMs * ceilingPerQuiet }, refreshUnasked);
  const watch = watchDirectories(settling.touch, log);
  const follower = createFollower({ ...options, root, limits, watch, isClosed: () => isClosed });
  const rereadLater = (): void => {
    reread = clock.after(rereadMs, () => {
      refreshUnasked();
      rereadLater();
    });
  };
  const close = async (): Promise<void> => {
    isClosed = true;
    settling.stop();
    reread?.stop();
    watch.close();
    await reading;
  };
  try {
    await refresh();
  } catch (error) {
    await close();
    throw error;
  }
  rereadLater();
  return {
    view: follower.view,
    problems: () => follower.served().problems,
    place: (fields) => placeFields(fields, follower.served().objects, limits),
    refresh,
    close,
  };
}

type Follower = {
  readonly view: () => View;
  readonly served: () => Served;
  readonly readAgain: () => Promise<void>;
};

type FollowerOptions = ManifestOptions & {
  readonly limits: FileLimits;
  readonly watch: DirectoryWatch;
  readonly isClosed: () => boolean;
};

function createFollower(options: FollowerOptions): Follower {
  const { root, log, watch } = options;
  let cache: ManifestCache = new Map();
  let served = NOTHING_SERVED;
  let view: View | null = null;
  const readAgain = async (): Promise<void> => {
    const isFirst = view === null;
    watch.addEntry(root);
    const taken = await takeReading({ findFault, ...options, onDirectory: watch.add }, cache);
    watch.settle();
    if (options.isClosed()) return;
    if (isFirst) requireDirectory(root, taken.reading);
    const before = served;
    cache = taken.cache;
    served = await inSlices(reconcile(before, taken.reading), options.clock);
    reportProblems(before.problems, served.problems, log);
    const changed = await inSlices(findChanges(before, served), options.clock);
    if (!isFirst && changed.length === 0 && isDeepStrictEqual(before.stale, served.stale)) return;
    view = await inSlices(buildView(served, options.impliedClass, view), options.clock);
    if (options.isClosed()) return;
    if (!isFirst) tell(options, { view, changed, kinds: new Set(changed.map((ref) => ref.kind)) });
  };
  const empty = finish(buildView(NOTHING_SERVED, options.impliedClass, null));
  return { view: () => view ?? empty, served: () => served, readAgain };
}

function tell({ onChange, log }: ManifestOptions, change: ViewChange): void {
  try {
    onChange(change);
  } catch (error) {
    log.error({ err: error }, "a change of the manifests could not be taken over");
  }
}

function requireDirectory(root: string, reading: ManifestReading): void {
  const whole = reading.unread.find((part) => part.path === "");
  if (whole === undefined || reading.manifests.length > 0) return;
  throw new ManifestDirectoryError("DirectoryUnreadable", `${root}: ${whole.problem.message}`);
}
