import type { BigIntStats, Dirent } from "node:fs";
import { opendir, realpath, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { compareText } from "../base/compare-text.ts";
import { inSlices } from "../base/in-slices.ts";
import type { Clock } from "../base/ports.ts";
import { sortInSteps } from "../base/sort-in-steps.ts";
import { FILE_START, type FileProblem } from "./file-problem.ts";
import type { FileLimits } from "./limits.ts";
import { codeOf, type FileReading, type FileText, isGone, readFile } from "./read-file.ts";

/** One manifest file of the directory, by its path below the root. */
export type DirectoryFile = {
  readonly path: string;
  readonly reading: Exclude<FileReading, { readonly type: "gone" }>;
};

/** A directory tree as it was read. */
export type DirectoryReading = {
  /** Sorted by path. */
  readonly files: readonly DirectoryFile[];
  /** Parts of the tree that could not be read, by path below the root (empty: the root itself). */
  readonly unread: readonly UnreadPart[];
};

/** A directory whose content is not known, or known in part: what it held before may still be there. */
export type UnreadPart = { readonly path: string; readonly problem: FileProblem };

/** What is needed to read a tree. */
export type DirectoryRequest = {
  readonly root: string;
  /** What is known of a file from last time, by its path below the root. */
  readonly known: (path: string) => FileText | undefined;
  readonly limits: FileLimits;
  readonly clock: Clock;
  /** Called with each directory before its entries are listed, and with those that symbolic links lead to. */
  readonly onDirectory: (path: string, identity: string) => void;
};

type Walk = DirectoryRequest & {
  readonly files: DirectoryFile[];
  readonly unread: UnreadPart[];
  /** Files and directories already met, by device, inode and birth: links to one file or in a circle are followed once. */
  readonly met: Set<string>;
  entries: number;
  bytes: number;
  isFull: boolean;
};

/** How many files are asked for at once: enough to keep the threads of the file system busy. */
const entriesAtOnce = 32;

const manifestName = /\.(?:ya?ml|json)$/i;

/**
 * Reads every .yaml, .yml and .json file below a directory, in sorted order. Symbolic links are followed, each target
 * once. Names that begin with a dot are left out: editors' temporary files, .git, and the `..data` and `..2026_...`
 * directories of a ConfigMap volume, whose files show as links beside them.
 */
export async function readDirectory(request: DirectoryRequest): Promise<DirectoryReading> {
  const walk: Walk = { ...request, files: [], unread: [], met: new Set(), entries: 0, bytes: 0, isFull: false };
  await visitDirectory(walk, "", 0);
  const files = sortInSteps(walk.files, (a, b) => compareText(a.path, b.path));
  return { files: await inSlices(files, walk.clock), unread: walk.unread };
}

async function visitDirectory(walk: Walk, path: string, depth: number): Promise<void> {
  const place = join(walk.root, path);
  if (depth > walk.limits.directoryDepth) {
    giveUp(walk, path, "the directory is too deep", `at most ${walk.limits.directoryDepth} levels`);
    return;
  }
  try {
    const found = await stat(place, { bigint: true });
    if (!meet(walk, found)) return;
    walk.onDirectory(place, identityOf(found));
    const entries = await listEntries(walk, path);
    for (let at = 0; at < entries.length; at += entriesAtOnce) {
      await visitEntries(walk, path, entries.slice(at, at + entriesAtOnce), depth);
    }
  } catch (error) {
    if (path !== "" && isGone(error)) return;
    giveUp(walk, path, `the directory cannot be read (${codeOf(error)})`, "a directory that Fairlead may list");
  }
}

async function visitEntries(walk: Walk, path: string, entries: readonly Dirent[], depth: number): Promise<void> {
  const found = await Promise.all(entries.map((entry) => statFile(join(walk.root, path, entry.name), entry)));
  for (const [index, entry] of entries.entries()) {
    await visitEntry(walk, { path: join(path, entry.name), entry, found: found[index] }, depth);
  }
}

async function listEntries(walk: Walk, path: string): Promise<readonly Dirent[]> {
  const entries: Dirent[] = [];
  for await (const entry of await opendir(join(walk.root, path))) {
    walk.entries += 1;
    if (walk.entries > walk.limits.directoryEntries) {
      giveUp(walk, path, "the directory has too many entries", `at most ${walk.limits.directoryEntries} in all`);
      break;
    }
    if (!entry.name.startsWith(".")) entries.push(entry);
  }
  return await inSlices(
    sortInSteps(entries, (a, b) => compareText(a.name, b.name)),
    walk.clock,
  );
}

/** What is known of a manifest file before it is opened; most have not changed, and of thousands each would be waited for alone. */
async function statFile(place: string, entry: Dirent): Promise<BigIntStats | undefined> {
  if (!entry.isFile() || !manifestName.test(entry.name)) return undefined;
  return await stat(place, { bigint: true }).catch(() => undefined);
}

type Visited = { readonly path: string; readonly entry: Dirent; readonly found: BigIntStats | undefined };

async function visitEntry(walk: Walk, { path, entry, found }: Visited, depth: number): Promise<void> {
  if (entry.isDirectory()) return await visitDirectory(walk, path, depth + 1);
  if (entry.isSymbolicLink()) return await visitLink(walk, path, depth);
  if (entry.isFile() && manifestName.test(entry.name)) await visitFile(walk, path, found);
}

async function visitLink(walk: Walk, path: string, depth: number): Promise<void> {
  try {
    const target = await realpath(join(walk.root, path));
    const found = await stat(target, { bigint: true });
    if (found.isDirectory()) return await visitDirectory(walk, path, depth + 1);
    if (!found.isFile() || !manifestName.test(path)) return;
    const directory = dirname(target);
    walk.onDirectory(directory, identityOf(await stat(directory, { bigint: true })));
    await visitFile(walk, path, found);
  } catch (error) {
    if (isGone(error)) return;
    giveUp(walk, path, `the link cannot be followed (${codeOf(error)})`, "a link to a file or directory");
  }
}

async function visitFile(walk: Walk, path: string, found: BigIntStats | undefined): Promise<void> {
  if (walk.isFull) return;
  const place = join(walk.root, path);
  if (found !== undefined && !meet(walk, found)) return;
  if (walk.files.length >= walk.limits.files) return fill(walk, `at most ${walk.limits.files} files`);
  const known = walk.known(path);
  const request = { path: place, name: path, known, stat: found, maxBytes: walk.limits.fileBytes };
  const reading = await readFile(request, walk.clock);
  if (reading.type === "gone") return;
  if (reading.type === "text") walk.bytes += reading.bytes;
  if (walk.bytes > walk.limits.totalBytes) return fill(walk, `at most ${walk.limits.totalBytes} bytes`);
  walk.files.push({ path, reading });
}

function fill(walk: Walk, expected: string): void {
  walk.isFull = true;
  giveUp(walk, "", "the directory holds too many manifests; the rest is not read", expected);
}

function giveUp(walk: Walk, path: string, message: string, expected: string): void {
  walk.unread.push({
    path,
    problem: { file: path === "" ? "." : path, ...FILE_START, reason: "Unreadable", message, expected },
  });
}

function meet(walk: Walk, found: BigIntStats): boolean {
  const identity = identityOf(found);
  if (walk.met.has(identity)) return false;
  walk.met.add(identity);
  return true;
}

function identityOf(found: BigIntStats): string {
  // Inode numbers are used again; the time of birth tells a new directory from the one before it.
  return `${found.dev}:${found.ino}:${found.birthtimeNs}`;
}
