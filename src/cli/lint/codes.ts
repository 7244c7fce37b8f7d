import { READING_REASONS } from "../../api/reading-reasons.ts";
import { REASONS } from "../../base/problem.ts";
import { HINTS } from "./hints.ts";

/** The stable code of a finding; what it means and how to mend it is in docs/reference/problems.md under this name. */
export type Code = keyof typeof REASONS | keyof typeof READING_REASONS | keyof typeof HINTS;

/** What a code means, wherever it comes from. */
export const CODES: Readonly<Record<Code, { readonly meaning: string; readonly mend: string }>> = {
  ...READING_REASONS,
  ...REASONS,
  ...HINTS,
};
