import { finish } from "../../../base/work.ts";
import type { Rule } from "../../../table/routing-table.ts";
import type { RouteClaim } from "../../../translate/claims.ts";
import { noRoutes, objectsOf, translateRoutes } from "../../../translate/routes.ts";
import type { Source, SourceRule } from "../../../translate/source.ts";
import type { LoadedManifests } from "../../load-manifests.ts";

/** One rule as its author wrote it, and as the data plane is told it. */
export type WrittenRule = { readonly source: Source; readonly written: SourceRule; readonly rule: Rule };

/** What the hints about routes look at. */
export type Routes = {
  readonly sources: readonly Source[];
  readonly rules: readonly WrittenRule[];
  readonly claims: readonly RouteClaim[];
};

/** Takes the objects that are served through translation again, to have what tables no longer say: where each part was written. */
export function readRoutes({ view, options }: Pick<LoadedManifests, "view" | "options">): Routes {
  const translated = objectsOf(finish(translateRoutes(view, options, noRoutes())));
  return {
    sources: translated.map(({ source }) => source),
    rules: translated.flatMap(({ source, routes }) => {
      const rules = new Map(routes.map(({ entry: { rule } }) => [rule.name.rule, rule]));
      return source.rules.flatMap((written) => {
        const rule = rules.get(written.name);
        return rule === undefined ? [] : [{ source, written, rule }];
      });
    }),
    claims: translated.flatMap(({ routes }) => routes),
  };
}
