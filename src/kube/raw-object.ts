import { type Dictionary, isDictionary } from "../api/validate/defaults.ts";
import { ApiFailure, failureOfStatus } from "./api-failure.ts";

/** An object as the API server sent it, not judged yet. */
export type RawObject = {
  readonly namespace: string;
  readonly name: string;
  /** Empty if it has none. */
  readonly uid: string;
  /** Its resourceVersion. */
  readonly version: string;
  readonly body: Dictionary;
};

/** One page of a list. */
export type RawPage = {
  readonly items: readonly RawObject[];
  /** Where a watch goes on from. */
  readonly version: string;
  /** Asks for the next page; null after the last. */
  readonly next: string | null;
};

/** One line of a watch. */
export type RawEvent =
  | { readonly type: "put" | "remove"; readonly object: RawObject }
  | { readonly type: "bookmark"; readonly version: string };

/** Reads an object of any kind; throws an ApiFailure for what cannot be one. */
export function readObject(value: unknown): RawObject {
  const metadata = isDictionary(value) ? value["metadata"] : undefined;
  if (!isDictionary(value) || !isDictionary(metadata)) throw malformed("an object has no metadata");
  const name = textOf(metadata, "name");
  if (name === "") throw malformed("an object has no name");
  const version = textOf(metadata, "resourceVersion");
  if (version === "") throw malformed("an object has no resourceVersion");
  return { namespace: textOf(metadata, "namespace"), name, uid: textOf(metadata, "uid"), version, body: value };
}

function textOf(metadata: Dictionary, field: string): string {
  const value = metadata[field];
  return typeof value === "string" ? value : "";
}

/** Reads an answer to a list request; throws an ApiFailure. */
export function readPage(value: unknown): RawPage {
  const metadata = isDictionary(value) ? value["metadata"] : undefined;
  const items = isDictionary(value) ? (value["items"] ?? []) : undefined;
  if (!isDictionary(metadata) || !Array.isArray(items)) throw malformed("a list has no items");
  const version = textOf(metadata, "resourceVersion");
  if (version === "") throw malformed("a list has no resourceVersion");
  const next = textOf(metadata, "continue");
  return { items: items.map(readObject), version, next: next === "" ? null : next };
}

const TYPES: ReadonlyMap<unknown, "put" | "remove"> = new Map([
  ["ADDED", "put"],
  ["MODIFIED", "put"],
  ["DELETED", "remove"],
]);

/** Reads a line of a watch; throws an ApiFailure, also for the error that the line may tell of. */
export function readEvent(line: string): RawEvent {
  const event = parse(line);
  const object = isDictionary(event) ? event["object"] : undefined;
  if (!isDictionary(event) || !isDictionary(object)) throw malformed("a watch event has no object");
  if (event["type"] === "ERROR") throw failureOfEvent(object);
  if (event["type"] === "BOOKMARK") return { type: "bookmark", version: versionOf(object) };
  const type = TYPES.get(event["type"]);
  if (type === undefined) throw malformed("a watch event is of an unknown type");
  return { type, object: readObject(object) };
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    throw malformed("a line of a watch is no JSON");
  }
}

function versionOf({ metadata }: Dictionary): string {
  const version = isDictionary(metadata) ? textOf(metadata, "resourceVersion") : "";
  if (version === "") throw malformed("a bookmark has no resourceVersion");
  return version;
}

function failureOfEvent({ code, message, details }: Dictionary): ApiFailure {
  const seconds = isDictionary(details) ? details["retryAfterSeconds"] : undefined;
  const wait = typeof seconds === "number" ? String(seconds) : undefined;
  return failureOfStatus(typeof code === "number" ? code : 500, typeof message === "string" ? message : "", wait);
}

function malformed(words: string): ApiFailure {
  return new ApiFailure("malformed", `the API server's answer cannot be read: ${words}`);
}
