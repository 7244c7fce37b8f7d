import type { Metadata } from "../core.ts";
import { describeProblem, type FieldPath, type FieldProblem } from "./field-problem.ts";
import { dnsLabel, labelValue, type NameCheck, qualifiedName } from "./names.ts";
import { fields, list, map, type Shape } from "./shape.ts";

/** The form of metadata of any kind. */
export const METADATA: Shape = fields(
  {
    name: "string",
    namespace: "string",
    uid: "string",
    resourceVersion: "string",
    generation: "integer",
    creationTimestamp: "string",
    labels: map("string"),
    annotations: map("string"),
    finalizers: list("string"),
  },
  "generateName selfLink deletionTimestamp deletionGracePeriodSeconds ownerReferences managedFields",
);

const annotationBytes = 256 * 1024;
const root: FieldPath = ["metadata"];

/** What is wrong with metadata, given how objects of its kind are named and whether they live in a namespace. */
export function judgeMetadata(metadata: Partial<Metadata>, checkName: NameCheck, namespaced: boolean): FieldProblem[] {
  const problems: FieldProblem[] = [];
  if (metadata.name === undefined || metadata.name === "") {
    problems.push(describeProblem([...root, "name"], "Required value", ""));
  } else {
    problems.push(...judgeText(metadata.name, checkName, [...root, "name"]));
  }
  if (metadata.namespace !== undefined) problems.push(...judgeNamespace(metadata.namespace, namespaced));
  for (const [key, value] of Object.entries(metadata.labels ?? {})) {
    problems.push(...judgeText(key, qualifiedName, [...root, "labels"]));
    problems.push(...judgeText(value, labelValue, [...root, "labels", key]));
  }
  return [...problems, ...judgeAnnotations(metadata.annotations ?? {})];
}

function judgeNamespace(namespace: string, namespaced: boolean): readonly FieldProblem[] {
  const path = [...root, "namespace"];
  if (!namespaced) return [describeProblem(path, "Forbidden", "not allowed on this type")];
  return judgeText(namespace, dnsLabel, path);
}

function judgeAnnotations(annotations: Readonly<Record<string, string>>): readonly FieldProblem[] {
  const path = [...root, "annotations"];
  const entries = Object.entries(annotations);
  const problems = entries.flatMap(([key]) => judgeText(key, (text) => qualifiedName(text.toLowerCase()), path));
  const bytes = entries.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
  if (bytes > annotationBytes) {
    problems.push(describeProblem(path, "Too long", `may not be more than ${annotationBytes} bytes in all`));
  }
  return problems;
}

/** The problem of a text with a check, if there is one. */
export function judgeText(text: string, check: NameCheck, path: FieldPath): FieldProblem[] {
  const detail = check(text);
  return detail === null ? [] : [describeProblem(path, "Invalid value", detail, text)];
}
