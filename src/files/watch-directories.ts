import { type FSWatcher, watch } from "node:fs";
import { basename, dirname } from "node:path";
import type { Log } from "../base/ports.ts";
import { codeOf } from "./read-file.ts";

/** Watches a changing set of directories. */
export type DirectoryWatch = {
  /** Watches a directory; `identity` tells whether the name still means the same directory. */
  readonly add: (path: string, identity: string) => void;
  /** Watches for a directory entry to be replaced, such as a link to the current of several versions. */
  readonly addEntry: (path: string) => void;
  /** Stops watching every directory that was not added since the last call. */
  readonly settle: () => void;
  readonly close: () => void;
};

type Watched = { readonly identity: string; readonly watcher: FSWatcher; isCurrent: boolean };

const maxWatches = 2_000;

/**
 * Calls back whenever anything in one of the directories changes. It may miss changes (network file systems, too many
 * directories), so that its caller also has to look from time to time.
 */
export function watchDirectories(onEvent: () => void, log: Log): DirectoryWatch {
  const watched = new Map<string, Watched>();
  let isWarned = false;

  const warn = (path: string, error: unknown): void => {
    const report = isWarned ? log.debug : log.warn;
    isWarned = true;
    report({ directory: path, code: codeOf(error) }, "a directory cannot be watched; its changes are noticed later");
  };

  const drop = (path: string, entry: Watched): void => {
    watched.delete(path);
    entry.watcher.close();
  };

  const addNamed = (path: string, identity: string, name: string | undefined): void => {
    const key = name === undefined ? path : `${path}\0${name}`;
    const known = watched.get(key);
    if (known?.identity === identity) {
      known.isCurrent = true;
      return;
    }
    if (known !== undefined) drop(key, known);
    if (watched.size >= maxWatches) return warn(path, new Error("too many directories"));
    try {
      const watcher = watch(path, { persistent: false }, (_, changed) => {
        if (name === undefined || changed === null || changed === name) onEvent();
      });
      const entry: Watched = { identity, watcher, isCurrent: true };
      watcher.on("error", (error) => {
        warn(path, error);
        if (watched.get(key) === entry) drop(key, entry);
        onEvent();
      });
      watched.set(key, entry);
    } catch (error) {
      warn(path, error);
    }
  };

  return {
    add: (path, identity) => addNamed(path, identity, undefined),
    addEntry: (path) => addNamed(dirname(path), "", basename(path)),
    settle: () => {
      for (const [path, entry] of watched) {
        if (entry.isCurrent) entry.isCurrent = false;
        else drop(path, entry);
      }
    },
    close: () => {
      for (const [path, entry] of watched) drop(path, entry);
    },
  };
}
