import { setImmediate as yieldToEventLoop } from "node:timers/promises";
import { SLICE_MS } from "../base/lane.ts";
import type { Clock, Log } from "../base/ports.ts";
import { type Manifest, type ManifestRules, parseManifest } from "./parse-manifest.ts";
import { type DirectoryFile, type DirectoryRequest, readDirectory } from "./read-directory.ts";
import type { FileText } from "./read-file.ts";
import type { ManifestReading, ReadManifest } from "./reconcile.ts";

/** Files as they were last read, by path. */
export type ManifestCache = ReadonlyMap<string, { readonly file: FileText; readonly manifest: Manifest }>;

/** How to read: where, by which rules, and what to tell. */
export type ReadingOptions = ManifestRules & {
  readonly root: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly onDirectory: DirectoryRequest["onDirectory"];
};

/** Reads the directory; files whose text did not change are not parsed again. */
export async function takeReading(
  options: ReadingOptions,
  cache: ManifestCache,
): Promise<{ readonly reading: ManifestReading; readonly cache: ManifestCache }> {
  const known = (path: string): FileText | undefined => cache.get(path)?.file;
  const directory = await readDirectory({ ...options, known });
  const manifests: ReadManifest[] = [];
  const next = new Map<string, { file: FileText; manifest: Manifest }>();
  let sliceStartMs = options.clock.monotonicMs();
  for (const file of directory.files) {
    if (options.clock.monotonicMs() - sliceStartMs >= SLICE_MS) {
      await yieldToEventLoop();
      sliceStartMs = options.clock.monotonicMs();
    }
    const manifest = await readManifest(file, options, cache);
    const text = file.reading.type === "text" ? file.reading.file.text : "";
    manifests.push({ path: file.path, text, manifest });
    if (file.reading.type === "text") next.set(file.path, { file: file.reading.file, manifest });
  }
  return { reading: { manifests, unread: directory.unread }, cache: next };
}

async function readManifest(
  { path, reading }: DirectoryFile,
  options: ReadingOptions,
  cache: ManifestCache,
): Promise<Manifest> {
  if (reading.type === "unreadable") return { readable: false, problem: reading.problem };
  const known = cache.get(path);
  if (known !== undefined && known.file.text === reading.file.text) return known.manifest;
  const manifest = await parseManifest({ path, text: reading.file.text }, options);
  if (manifest.readable && manifest.ignored.length > 0) {
    const kinds = manifest.ignored.slice(0, 10).map(({ what }) => what);
    options.log.info({ file: path, kinds }, "kinds that Fairlead does not watch are left alone");
  }
  return manifest;
}
