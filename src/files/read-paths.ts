import { createReadStream } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../base/ports.ts";
import { FILE_START, type FileProblem } from "./file-problem.ts";
import type { FileLimits } from "./limits.ts";
import { type ManifestRules, parseManifest } from "./parse-manifest.ts";
import { readDirectory, type UnreadPart } from "./read-directory.ts";
import { codeOf, isGone, readFile } from "./read-file.ts";
import type { ManifestReading, ReadManifest } from "./reconcile.ts";

/** What is to be read once. */
export type PathsRequest = {
  /** Files of any name, directories with all below them, `-` for standard input. */
  readonly paths: readonly string[];
  readonly rules: ManifestRules;
  readonly clock: Clock;
  readonly input: () => AsyncIterable<Uint8Array>;
};

/** What standard input is called in problems. */
export const INPUT_NAME = "<stdin>";

type Run = PathsRequest & {
  readonly manifests: ReadManifest[];
  readonly unread: UnreadPart[];
  /** Real paths of files that were read, so that one that is named twice is read once. */
  readonly met: Set<string>;
};

/** Reads manifests once, as a directory that is followed is read. Files are named as the paths say; what cannot be read is told in the reading. */
export async function readPaths(request: PathsRequest): Promise<ManifestReading> {
  const run: Run = { ...request, manifests: [], unread: [], met: new Set() };
  for (const path of new Set(request.paths)) await readPath(run, path);
  return { manifests: run.manifests, unread: run.unread };
}

async function readPath(run: Run, path: string): Promise<void> {
  if (path === "-") return await addStream(run, INPUT_NAME, run.input());
  try {
    const found = await stat(path);
    if (found.isDirectory()) return await addDirectory(run, path);
    // A pipe, as the shell makes of <(command), has no size and can be read once.
    if (!found.isFile()) return await addStream(run, path, createReadStream(path));
    await addFile(run, path);
  } catch (error) {
    const message = isGone(error) ? "there is no such file or directory" : `it cannot be read (${codeOf(error)})`;
    addUnread(run, path, message, "a manifest, or a directory of manifests");
  }
}

async function addDirectory(run: Run, root: string): Promise<void> {
  const { clock, rules } = run;
  const request = { root, known: () => undefined, limits: rules.limits, clock, onDirectory: () => {} };
  const { files, unread } = await readDirectory(request);
  if (files.length === 0 && unread.length === 0) {
    addUnread(run, root, "the directory holds no manifest", "files that end with .yaml, .yml or .json");
  }
  for (const { path, problem } of unread) addPart(run, join(root, path), problem);
  for (const { path, reading } of files) {
    const name = join(root, path);
    if (reading.type === "unreadable") addPart(run, name, reading.problem);
    else if (await meet(run, name)) await addText(run, name, reading.file.text);
  }
}

async function addFile(run: Run, path: string): Promise<void> {
  const maxBytes = run.rules.limits.fileBytes;
  const reading = await readFile({ path, name: path, known: undefined, stat: undefined, maxBytes }, run.clock);
  if (reading.type === "gone") addUnread(run, path, "there is no such file or directory", "a manifest");
  else if (reading.type === "unreadable") addPart(run, path, reading.problem);
  else if (await meet(run, path)) await addText(run, path, reading.file.text);
}

async function addStream(run: Run, name: string, stream: AsyncIterable<Uint8Array>): Promise<void> {
  const bytes = await readBounded(stream, run.rules.limits);
  if (bytes === null)
    return addUnread(run, name, "the input is too large", `at most ${run.rules.limits.fileBytes} bytes`);
  try {
    await addText(run, name, new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    addUnread(run, name, "the input is no UTF-8 text", "UTF-8");
  }
}

async function readBounded(stream: AsyncIterable<Uint8Array>, { fileBytes }: FileLimits): Promise<Buffer | null> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  for await (const chunk of stream) {
    total += chunk.byteLength;
    if (total > fileBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, total);
}

async function addText(run: Run, path: string, text: string): Promise<void> {
  run.manifests.push({ path, text, manifest: await parseManifest({ path, text }, run.rules) });
}

async function meet(run: Run, path: string): Promise<boolean> {
  const real = await realpath(path);
  const isNew = !run.met.has(real);
  run.met.add(real);
  return isNew;
}

function addPart(run: Run, path: string, problem: FileProblem): void {
  run.unread.push({ path, problem: { ...problem, file: path } });
}

function addUnread(run: Run, path: string, message: string, expected: string): void {
  addPart(run, path, { file: path, ...FILE_START, reason: "Unreadable", message, expected });
}
