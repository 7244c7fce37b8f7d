import type { KindName, ViewKey } from "../kinds.ts";
import type { View } from "../view.ts";
import type { FieldProblem } from "./field-problem.ts";

/** Any object that a View holds. */
export type ViewObject = View[ViewKey][number];

/** The object as the API server would store it, with the schema's defaults; or everything that is wrong with it. */
export type Verdict =
  | { readonly ok: true; readonly object: ViewObject }
  | { readonly ok: false; readonly problems: readonly FieldProblem[] };

/** Judges an object as a Kubernetes API server (1.31, strict field validation) would. Never throws, never changes its argument. */
export type Validator = (kind: KindName, object: unknown) => Verdict;

/** What differs between a cluster and a directory. */
export type ValidatorOptions = {
  /** Accepts loopback addresses in EndpointSlices, which an API server refuses; link-local ones never. */
  readonly allowLoopback: boolean;
  /**
   * `refuse` is for what people write. `ignore` is for objects of core kinds that an API server has stored, which may be
   * newer than this code: fields that are not known here are left out of the object.
   */
  readonly unknownFields: "refuse" | "ignore";
};

/** Compiles the schemas once; make one a process and pass it on. Throws if the CRD itself is broken. */
export type CreateValidator = (options: ValidatorOptions) => Validator;
