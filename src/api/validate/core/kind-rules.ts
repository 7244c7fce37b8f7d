import type { FieldProblem } from "../field-problem.ts";
import type { NameCheck } from "../names.ts";
import type { Shape } from "../shape.ts";
import type { ValidatorOptions } from "../validator.ts";

/** How a core kind is validated: decoded by shape, completed, then judged. */
export type KindRules<Kind> = {
  readonly checkName: NameCheck;
  /** Everything but apiVersion, kind and metadata. */
  readonly shape: Readonly<Record<string, Shape>>;
  /** Fills in what an API server would; only called for an object of the right shape. */
  readonly complete?: (object: Kind) => Kind;
  readonly judge: (object: Kind, options: ValidatorOptions) => readonly FieldProblem[];
};
