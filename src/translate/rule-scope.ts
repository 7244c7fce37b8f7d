import type { Finding, Report } from "./findings.ts";
import type { Lookup } from "./lookup.ts";
import type { Source, SourceRule } from "./source.ts";
import type { TranslateOptions } from "./translation.ts";

/** What the translation of one rule may see, and where it says what it could not honour. */
export type RuleScope = {
  readonly source: Source;
  readonly rule: SourceRule;
  readonly lookup: Lookup;
  readonly options: TranslateOptions;
  /** Reports a finding; its field is relative to the rule. */
  readonly report: Report;
  /** Reports a finding because of which the whole rule answers 503. */
  readonly refuse: (finding: Finding) => void;
};

/** What it takes to translate objects: the same for all of them. */
export type Surroundings = { readonly lookup: Lookup; readonly options: TranslateOptions };
