import { setImmediate as yieldToEventLoop } from "node:timers/promises";
import type { ParsedNode } from "yaml";
import type { Fault } from "../api/find-fault.ts";
import type { KindName } from "../api/kinds.ts";
import { REASON_OF_TYPE, type ReadingReason } from "../api/reading-reasons.ts";
import { type FieldPath, type FieldProblem, printPath } from "../api/validate/field-problem.ts";
import type { Validator, ViewObject } from "../api/validate/validator.ts";
import { cut } from "../base/object-name.ts";
import type { ObjectRef } from "../base/problem.ts";
import type { FileProblem, Position } from "./file-problem.ts";
import { type FoundObject, findObjects } from "./find-objects.ts";
import { identify } from "./identify.ts";
import type { FileLimits } from "./limits.ts";
import { locate } from "./locate.ts";
import { keyOfRef } from "./object-key.ts";
import { parseYaml, type YamlDocuments } from "./parse-yaml.ts";
import type { Plain } from "./to-plain.ts";
import { ManifestSyntaxError } from "./yaml-syntax.ts";

/** A file's text and where it is below the manifests directory. */
export type ManifestText = { readonly path: string; readonly text: string };

/** One object of a watched kind, as a file has it. */
export type ManifestEntry = {
  readonly kind: KindName;
  readonly ref: ObjectRef;
  /** The keyOfRef of the object. */
  readonly key: string;
  readonly at: Position;
  /** The object if it is valid, and what makes it useless all the same; else everything that is wrong with it. */
  readonly content:
    | { readonly ok: true; readonly object: ViewObject; readonly fault: FileProblem | undefined }
    | { readonly ok: false; readonly problems: readonly FileProblem[] };
};

/** A kind that is not watched, as `apps/v1 Deployment`. */
export type IgnoredKind = { readonly what: string; readonly at: Position };

/** What one file says. */
export type Manifest =
  | {
      readonly readable: true;
      readonly entries: readonly ManifestEntry[];
      /** Documents that do not say which object they are. */
      readonly nameless: readonly FileProblem[];
      /** Apiversions and kinds that were left alone, each once, where it is first. */
      readonly ignored: readonly IgnoredKind[];
    }
  | { readonly readable: false; readonly problem: FileProblem };

/** How files are judged. */
export type ManifestRules = {
  readonly validate: Validator;
  /** Looks into an object that an API server would accept: a TLS Secret may hold no readable certificate. */
  readonly findFault?: FindFault;
  readonly limits: FileLimits;
};

/** What makes a valid object useless, or null. Its message quotes no value of a Secret. */
export type FindFault = (object: ViewObject) => Fault | null;

const objectsPerSlice = 8;

type Place = { readonly file: string; readonly documents: YamlDocuments; readonly limits: FileLimits };

/**
 * Reads one YAML or JSON file: every document, lists taken apart, every object of a watched kind judged as the API server
 * would. Never throws for what the text holds, and never quotes it except through the validator.
 */
export async function parseManifest(source: ManifestText, rules: ManifestRules): Promise<Manifest> {
  const reading = await parseYaml(source.text, rules.limits);
  if (!reading.ok) return unreadable(source.path, reading.error, reading.at);
  const place: Place = { file: source.path, documents: reading.documents, limits: rules.limits };
  try {
    return await readEntries(place, rules);
  } catch (error) {
    if (!(error instanceof ManifestSyntaxError)) throw error;
    return unreadable(source.path, error, reading.documents.positionOf(error.offset));
  }
}

function unreadable(file: string, error: ManifestSyntaxError, at: Position): Manifest {
  return {
    readable: false,
    problem: { file, ...at, reason: "InvalidYaml", message: error.message, expected: error.expected },
  };
}

type Entries = {
  readonly entries: ManifestEntry[];
  readonly nameless: FileProblem[];
  readonly ignored: Map<string, IgnoredKind>;
};

async function readEntries(place: Place, rules: ManifestRules): Promise<Manifest> {
  const found: Entries = { entries: [], nameless: [], ignored: new Map() };
  let read = 0;
  for (const object of findObjects(place.documents.roots, rules.limits)) {
    readEntry(object, place, rules, found);
    read += 1;
    if (read % objectsPerSlice === 0) await yieldToEventLoop();
  }
  const nameless = found.nameless.slice(0, rules.limits.problemsPerFile);
  return { readable: true, entries: found.entries, nameless, ignored: [...found.ignored.values()] };
}

function readEntry({ value, node }: FoundObject, place: Place, rules: ManifestRules, found: Entries): void {
  const identity = identify(value);
  switch (identity.type) {
    case "ignored":
      if (!found.ignored.has(identity.what)) {
        const at = place.documents.positionOf(node.range[0]);
        found.ignored.set(identity.what, { what: identity.what, at });
      }
      break;
    case "nameless":
      found.nameless.push(namelessProblem(place, node, identity));
      break;
    case "unread-version":
      found.entries.push(invalidEntry({ place, node, named: identity }, [unreadVersion(place, node, identity)]));
      break;
    case "watched":
      found.entries.push(judgeEntry({ place, node, named: identity }, identity.object, rules));
      break;
  }
}

function judgeEntry(finding: Finding, object: Plain, rules: ManifestRules): ManifestEntry {
  const verdict = rules.validate(finding.named.kind, object);
  if (verdict.ok) return validEntry(finding, verdict.object, rules.findFault);
  return invalidEntry(finding, fieldProblems(finding, verdict.problems));
}

type Named = { readonly kind: KindName; readonly ref: ObjectRef };

type Finding = { readonly place: Place; readonly node: ParsedNode; readonly named: Named };

function invalidEntry({ place, node, named }: Finding, problems: readonly FileProblem[]): ManifestEntry {
  const at = place.documents.positionOf(node.range[0]);
  const { kind, ref } = named;
  return { kind, ref, key: keyOfRef(ref), at, content: { ok: false, problems } };
}

function validEntry({ place, node, named }: Finding, object: ViewObject, findFault?: FindFault): ManifestEntry {
  const { kind, ref } = named;
  const found = findFault?.(object) ?? null;
  const fault =
    found === null
      ? undefined
      : fieldProblem(place, node, ref, { ...found, reason: "InvalidCertificate", expected: "" });
  const at = place.documents.positionOf(node.range[0]);
  return { kind, ref, key: keyOfRef(ref), at, content: { ok: true, object, fault } };
}

function fieldProblems({ place, node, named }: Finding, problems: readonly FieldProblem[]): readonly FileProblem[] {
  const object = named.ref;
  const few = problems.slice(0, place.limits.problemsPerFile);
  return few.map((problem) => {
    const words = object.kind === "Secret" ? { ...wordsOf(problem), message: problem.type } : wordsOf(problem);
    return fieldProblem(place, node, object, { path: problem.path, reason: REASON_OF_TYPE[problem.type], ...words });
  });
}

type Words = {
  readonly path: FieldPath;
  readonly reason: ReadingReason;
  readonly message: string;
  readonly expected: string;
};

function fieldProblem(place: Place, node: ParsedNode, object: ObjectRef, words: Words): FileProblem {
  const { path, reason, message, expected } = words;
  return {
    file: place.file,
    ...place.documents.positionOf(locate(node, path)),
    object: shorten(object),
    ...(path.length === 0 ? {} : { field: cut(printPath(path)) }),
    reason,
    message,
    expected,
  };
}

/** What is written there goes into the message, so that it can be left out for a Secret. */
function wordsOf(problem: FieldProblem): { readonly message: string; readonly expected: string } {
  const head = problem.value === "" ? problem.type : `${problem.type}: ${problem.value}`;
  if (!problem.message.startsWith(`${head}: `)) return { message: head, expected: "" };
  return { message: head, expected: problem.message.slice(head.length + 2).replace(/^expected /, "") };
}

function unreadVersion(place: Place, node: ParsedNode, named: Named & { readonly expected: string }): FileProblem {
  const message = `a ${named.kind} of a version that is not read`;
  return fieldProblem(place, node, named.ref, {
    path: ["apiVersion"],
    reason: "UnreadVersion",
    message,
    expected: named.expected,
  });
}

function namelessProblem(
  place: Place,
  node: ParsedNode,
  { path, message, expected }: Omit<Words, "reason">,
): FileProblem {
  return {
    file: place.file,
    ...place.documents.positionOf(locate(node, path)),
    ...(path.length === 0 ? {} : { field: printPath(path) }),
    reason: "NamelessObject",
    message,
    expected,
  };
}

function shorten(ref: ObjectRef): ObjectRef {
  return { kind: ref.kind, namespace: cut(ref.namespace), name: cut(ref.name) };
}
