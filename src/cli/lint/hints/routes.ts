import type { Problem } from "../../../base/problem.ts";
import type { Rule } from "../../../table/routing-table.ts";
import { type RouteClaim, translateObject } from "../../../translate/claims.ts";
import { readDefaultCertificate } from "../../../translate/default-certificate.ts";
import { buildLookup } from "../../../translate/lookup.ts";
import type { Source, SourceRule } from "../../../translate/source.ts";
import { readSources } from "../../../translate/sources.ts";
import type { LoadedManifests } from "../../load-manifests.ts";

/** One rule as its author wrote it, and as the data plane is told it. */
export type WrittenRule = { readonly source: Source; readonly written: SourceRule; readonly rule: Rule };

/** What the hints about routes look at. */
export type Routes = {
  readonly sources: readonly Source[];
  readonly rules: readonly WrittenRule[];
  readonly claims: readonly RouteClaim[];
};

/** Takes the objects that are served through the first steps of translation again, to have what tables no longer say: where each part was written. */
export function readRoutes({ view, options }: Pick<LoadedManifests, "view" | "options">): Routes {
  // What is wrong with them was reported by the translation itself.
  const problems: Problem[] = [];
  const lookup = buildLookup(view);
  const defaultCertificate = readDefaultCertificate(lookup, options.defaultCertificate, problems);
  const surroundings = { lookup, options, defaultCertificate };
  const translated = readSources(view, options.classes, problems).map((source) =>
    translateObject(source, surroundings, problems),
  );
  return {
    sources: translated.map(({ source }) => source),
    rules: translated.flatMap(({ source, routes }) => {
      const rules = new Map(routes.map(({ rule }) => [rule.name.rule, rule]));
      return source.rules.flatMap((written) => {
        const rule = rules.get(written.name);
        return rule === undefined ? [] : [{ source, written, rule }];
      });
    }),
    claims: translated.flatMap(({ routes }) => routes),
  };
}
