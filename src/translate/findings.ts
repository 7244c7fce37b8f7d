import { messageOf } from "../base/message-of.ts";
import type { Effect, ObjectRef, Problem, Reason } from "../base/problem.ts";
import type { Work } from "../base/work.ts";

const SHOWN_LENGTH = 120;
/** What a terminal or a viewer obeys: controls, line separators, and marks that turn the direction of writing. */
const UNSAFE = /[\p{Cc}\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069\uFEFF]/gu;

/** A problem before it is known whose it is. */
export type Finding = {
  readonly field: string;
  /** As it was written; shown cut and with control characters escaped. */
  readonly value: unknown;
  readonly reason: Reason;
  readonly message: string;
  /** `refused` unless said otherwise. */
  readonly effect?: Effect;
} & Pick<Problem, "absent" | "rival">;

/** Where the translation of one object leaves what it found. */
export type Report = (finding: Finding) => void;

/** Collects findings about one object into `problems`. */
export function reportTo(problems: Problem[], object: ObjectRef): Report {
  return (finding) => {
    problems.push({
      object,
      field: show(finding.field, 400),
      value: show(finding.value),
      reason: finding.reason,
      message: show(finding.message, 500),
      effect: finding.effect ?? "refused",
      ...(finding.absent === undefined ? {} : { absent: finding.absent }),
      ...(finding.rival === undefined ? {} : { rival: finding.rival }),
    });
  };
}

/**
 * What `translation` gives, or `otherwise` if it throws: an object that the schema should have kept out is then refused
 * alone, and does not stop the translation of all others.
 */
export function* attempt<Result>(report: Report, otherwise: Result, translation: () => Work<Result>): Work<Result> {
  try {
    return yield* translation();
  } catch (error) {
    const message = `The object cannot be translated: ${messageOf(error)}`;
    report({ field: "", value: "", reason: "UnsupportedValue", message });
    return otherwise;
  }
}

/** A foreign value as a message may show it: on one line, and at most `length` characters of it. */
export function show(value: unknown, length: number = SHOWN_LENGTH): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  return text.slice(0, length).toWellFormed().replaceAll(UNSAFE, escapeUnit);
}

function escapeUnit(character: string): string {
  return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`;
}
