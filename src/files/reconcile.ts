import { isDeepStrictEqual } from "node:util";
import type { ViewObject } from "../api/validate/validator.ts";
import type { StaleObject } from "../api/view.ts";
import { cut, printObject } from "../base/object-name.ts";
import type { ObjectRef } from "../base/problem.ts";
import { visit, type Work } from "../base/work.ts";
import { type FileProblem, printFileProblem } from "./file-problem.ts";
import type { Manifest, ManifestEntry } from "./parse-manifest.ts";
import type { UnreadPart } from "./read-directory.ts";

/** One file of the latest reading: what it says, or why it cannot be read. */
export type ReadManifest = { readonly path: string; readonly text: string; readonly manifest: Manifest };

/** The latest reading of the whole directory. */
export type ManifestReading = {
  /** Sorted by path. */
  readonly manifests: readonly ReadManifest[];
  readonly unread: readonly UnreadPart[];
};

/** An object that is served, and the text it was read from. */
export type ServedObject = {
  readonly ref: ObjectRef;
  readonly object: ViewObject;
  readonly source: { readonly path: string; readonly text: string };
  /** True if nothing better was ever there: the object is valid, but useless. */
  readonly isFaulty: boolean;
};

/** What is served after a reading, and what has to be remembered until the next. */
export type Served = {
  /** By the keys of their entries. */
  readonly objects: ReadonlyMap<string, ServedObject>;
  readonly stale: readonly StaleObject[];
  readonly problems: readonly FileProblem[];
  /** What each file is taken to say, by path. */
  readonly files: ReadonlyMap<string, readonly Claim[]>;
};

/** A file's word on one object. `stale` says why it is an older word. */
export type Claim = {
  readonly entry: ManifestEntry;
  readonly source: { readonly path: string; readonly text: string };
  readonly stale: FileProblem | undefined;
};

/** Nothing read yet. */
export const NOTHING_SERVED: Served = { objects: new Map(), stale: [], problems: [], files: new Map() };

/**
 * What to serve now. An object is taken from the first file, in sorted order, that defines it. If that definition is
 * invalid or its file unreadable, the version served before stays; an object that no file mentions is gone.
 */
export function* reconcile(before: Served, reading: ManifestReading): Work<Served> {
  const problems: FileProblem[] = [];
  const files = yield* claimsByFile(before, reading, problems);
  const objects = new Map<string, ServedObject>();
  const stale: StaleObject[] = [];
  const firsts = new Map<string, Claim>();
  const paths = [...files.keys()].sort();
  yield* visit(claimsIn(files, paths), (claim) => {
    const { key } = claim.entry;
    const first = firsts.get(key);
    if (first !== undefined) {
      problems.push(duplicate(claim, first));
      return;
    }
    firsts.set(key, claim);
    if (claim.stale === undefined) problems.push(...problemsOf(claim.entry));
    const chosen = choose(claim, before.objects.get(key));
    if (chosen === undefined) return;
    objects.set(key, chosen.object);
    if (chosen.why !== undefined) stale.push({ object: chosen.object.ref, message: staleMessage(chosen.why) });
  });
  return { objects, stale, problems, files };
}

function* claimsIn(files: Served["files"], paths: readonly string[]): Generator<Claim> {
  for (const path of paths) yield* files.get(path) ?? [];
}

function* claimsByFile(
  before: Served,
  reading: ManifestReading,
  problems: FileProblem[],
): Work<Map<string, readonly Claim[]>> {
  const files = new Map<string, readonly Claim[]>();
  yield* visit(reading.manifests, (read) => {
    const earlier = before.files.get(read.path) ?? [];
    files.set(read.path, claimsOf(read, earlier));
    if (read.manifest.readable) problems.push(...read.manifest.nameless);
    else problems.push(read.manifest.problem);
  });
  problems.push(...reading.unread.map((part) => part.problem));
  for (const [path, earlier] of before.files) {
    const part = files.has(path) ? undefined : reading.unread.find((unread) => isInside(path, unread.path));
    if (part !== undefined) files.set(path, markStale(earlier, part.problem));
  }
  return files;
}

function isInside(path: string, directory: string): boolean {
  return directory === "" || path === directory || path.startsWith(`${directory}/`);
}

function claimsOf(read: ReadManifest, earlier: readonly Claim[]): readonly Claim[] {
  const { manifest } = read;
  if (!manifest.readable) return markStale(earlier, manifest.problem);
  const claims = manifest.entries.map((entry): Claim => ({ entry, source: read, stale: undefined }));
  const [nameless] = manifest.nameless;
  if (nameless === undefined) return claims;
  // A document that lost its name may be any of the objects that are missing: none of them is taken for deleted.
  const present = new Set(claims.map((claim) => claim.entry.key));
  return [
    ...claims,
    ...markStale(
      earlier.filter((claim) => !present.has(claim.entry.key)),
      nameless,
    ),
  ];
}

function markStale(claims: readonly Claim[], why: FileProblem): readonly Claim[] {
  return claims.map((claim) => ({ ...claim, stale: why }));
}

function problemsOf({ content }: ManifestEntry): readonly FileProblem[] {
  if (!content.ok) return content.problems;
  return content.fault === undefined ? [] : [content.fault];
}

function choose(
  claim: Claim,
  served: ServedObject | undefined,
): { readonly object: ServedObject; readonly why: FileProblem | undefined } | undefined {
  const { content, ref } = claim.entry;
  const why = claim.stale ?? problemsOf(claim.entry)[0];
  if (!content.ok) return served === undefined ? undefined : { object: served, why };
  const isFaulty = content.fault !== undefined;
  if (isFaulty && served?.isFaulty === false) return { object: served, why };
  // An equal object keeps its identity, so that nothing built from it is built again.
  const isSame = served !== undefined && isDeepStrictEqual(served.object, content.object);
  const object = isSame ? served.object : content.object;
  return { object: { ref, object, source: claim.source, isFaulty }, why: claim.stale };
}

function staleMessage(why: FileProblem): string {
  return `${printFileProblem(why)}. The last good version is served.`;
}

function duplicate(claim: Claim, first: Claim): FileProblem {
  const { ref, at } = claim.entry;
  const place = `${first.source.path}:${first.entry.at.line}:${first.entry.at.column}`;
  const object = { kind: ref.kind, namespace: cut(ref.namespace), name: cut(ref.name) };
  return {
    file: claim.source.path,
    ...at,
    object,
    reason: "DuplicateObject",
    message: `${printObject(object)} is also defined in ${place}, and that definition is the one that counts`,
    expected: "one definition an object",
  };
}
