import { REASONS } from "../../base/problem.ts";
import { FILE_REASONS } from "../../files/file-reasons.ts";
import { HINTS } from "./hints.ts";

/** The stable code of a finding; what it means and how to mend it is in docs/reference/problems.md under this name. */
export type Code = keyof typeof REASONS | keyof typeof FILE_REASONS | keyof typeof HINTS;

/** What a code means, wherever it comes from. */
export const CODES: Readonly<Record<Code, { readonly meaning: string; readonly mend: string }>> = {
  ...FILE_REASONS,
  ...REASONS,
  ...HINTS,
};
