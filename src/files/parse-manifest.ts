import type { ParsedNode } from "yaml";
import type { KindName } from "../api/kinds.ts";
import type { FieldProblem } from "../api/validate/field-problem.ts";
import { printPath } from "../api/validate/field-problem.ts";
import type { Validator, ViewObject } from "../api/validate/validator.ts";
import type { ObjectRef } from "../base/problem.ts";
import { cut, type FileProblem, type Position } from "./file-problem.ts";
import { findObjects } from "./find-objects.ts";
import { identify } from "./identify.ts";
import type { FileLimits } from "./limits.ts";
import { locate } from "./locate.ts";
import { parseYaml, type YamlDocuments } from "./parse-yaml.ts";
import { ManifestSyntaxError } from "./yaml-syntax.ts";

/** A file's text and where it is below the manifests directory. */
export type ManifestText = { readonly path: string; readonly text: string };

/** One object of a watched kind, as a file has it. */
export type ManifestEntry = {
  readonly kind: KindName;
  readonly ref: ObjectRef;
  readonly at: Position;
  /** The object if it is valid; else everything that is wrong with it. */
  readonly content:
    | { readonly ok: true; readonly object: ViewObject }
    | { readonly ok: false; readonly problems: readonly FileProblem[] };
};

/** What one file says. */
export type Manifest =
  | {
      readonly readable: true;
      readonly entries: readonly ManifestEntry[];
      /** Documents that do not say which object they are. */
      readonly nameless: readonly FileProblem[];
      /** Apiversions and kinds that were left alone, each once. */
      readonly ignored: readonly string[];
    }
  | { readonly readable: false; readonly problem: FileProblem };

/** How files are judged. */
export type ManifestRules = { readonly validate: Validator; readonly limits: FileLimits };

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
    return readEntries(place, rules);
  } catch (error) {
    if (!(error instanceof ManifestSyntaxError)) throw error;
    return unreadable(source.path, error, reading.documents.positionOf(error.offset));
  }
}

function unreadable(file: string, error: ManifestSyntaxError, at: Position): Manifest {
  return { readable: false, problem: { file, ...at, message: error.message, expected: error.expected } };
}

function readEntries(place: Place, rules: ManifestRules): Manifest {
  const entries: ManifestEntry[] = [];
  const nameless: FileProblem[] = [];
  const ignored = new Set<string>();
  for (const { value, node } of findObjects(place.documents.roots, rules.limits)) {
    const identity = identify(value);
    switch (identity.type) {
      case "ignored":
        ignored.add(identity.what);
        break;
      case "nameless":
        nameless.push(namelessProblem(place, node, identity));
        break;
      case "unread-version":
        entries.push(entryOf(place, node, identity, [unreadVersion(place, node, identity)]));
        break;
      case "watched": {
        const verdict = rules.validate(identity.kind, identity.object);
        const content = verdict.ok ? verdict.object : fieldProblems(place, node, identity.ref, verdict.problems);
        entries.push(entryOf(place, node, identity, content));
        break;
      }
    }
  }
  const few = nameless.slice(0, rules.limits.problemsPerFile);
  return { readable: true, entries, nameless: few, ignored: [...ignored] };
}

type Named = { readonly kind: KindName; readonly ref: ObjectRef };

function entryOf(
  place: Place,
  node: ParsedNode,
  named: Named,
  content: ViewObject | readonly FileProblem[],
): ManifestEntry {
  const at = place.documents.positionOf(node.range[0]);
  const judged = isProblems(content)
    ? { ok: false as const, problems: content }
    : { ok: true as const, object: content };
  return { kind: named.kind, ref: named.ref, at, content: judged };
}

function isProblems(content: ViewObject | readonly FileProblem[]): content is readonly FileProblem[] {
  return Array.isArray(content);
}

function fieldProblems(
  place: Place,
  node: ParsedNode,
  object: ObjectRef,
  problems: readonly FieldProblem[],
): readonly FileProblem[] {
  return problems.slice(0, place.limits.problemsPerFile).map((problem) => ({
    file: place.file,
    ...place.documents.positionOf(locate(node, problem.path)),
    object: shorten(object),
    field: cut(problem.field),
    ...wordsOf(problem),
  }));
}

function wordsOf(problem: FieldProblem): { readonly message: string; readonly expected: string } {
  const head = problem.value === "" ? problem.type : `${problem.type}: ${problem.value}`;
  if (!problem.message.startsWith(`${head}: `)) return { message: problem.message, expected: "" };
  return { message: head, expected: problem.message.slice(head.length + 2) };
}

function unreadVersion(place: Place, node: ParsedNode, named: Named & { readonly expected: string }): FileProblem {
  return {
    file: place.file,
    ...place.documents.positionOf(locate(node, ["apiVersion"])),
    object: shorten(named.ref),
    field: "apiVersion",
    message: `a ${named.kind} of a version that is not read`,
    expected: named.expected,
  };
}

function namelessProblem(
  place: Place,
  node: ParsedNode,
  what: { readonly path: readonly (string | number)[]; readonly message: string; readonly expected: string },
): FileProblem {
  return {
    file: place.file,
    ...place.documents.positionOf(locate(node, what.path)),
    ...(what.path.length === 0 ? {} : { field: printPath(what.path) }),
    message: what.message,
    expected: what.expected,
  };
}

function shorten(ref: ObjectRef): ObjectRef {
  return { kind: ref.kind, namespace: cut(ref.namespace), name: cut(ref.name) };
}
