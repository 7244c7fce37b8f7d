import type { View } from "../api/view.ts";
import type { Work } from "../base/work.ts";
import { arrangeProblems, NO_PROBLEMS } from "./arrange-problems.ts";
import { NO_ENDPOINTS, translateEndpoints } from "./endpoints.ts";
import { noRoutes, type TranslatedRoutes, translateRoutes } from "./routes.ts";
import type { TranslateOptions, Translation } from "./translation.ts";

/**
 * Translates one view after another. What it remembers saves work and nothing else: each translation is equal to that of
 * a new translator. Of each of the two, one work at a time; either may be dropped half done.
 */
export type Translator = {
  readonly translateRoutes: (view: View) => Work<TranslatedRoutes>;
  /** Finds the endpoints of translated routes, in the same view or a later one: all that is needed when only endpoints change. */
  readonly translateEndpoints: (view: View, routes: TranslatedRoutes) => Work<Translation>;
};

/** Makes a translator that remembers nothing yet. */
export function createTranslator(options: TranslateOptions): Translator {
  let routesBefore = noRoutes();
  let endpointsBefore = NO_ENDPOINTS;
  let arrangedBefore = NO_PROBLEMS;
  return {
    translateRoutes: function* (view) {
      routesBefore = yield* translateRoutes(view, options, routesBefore);
      return routesBefore;
    },
    translateEndpoints: function* (view, routes) {
      endpointsBefore = yield* translateEndpoints(view, routes.pools, options, endpointsBefore);
      const { endpoints, problems } = endpointsBefore;
      arrangedBefore = yield* arrangeProblems([...routes.problems, ...problems], arrangedBefore);
      return {
        tables: { routing: routes.routing, endpoints, certificates: routes.certificates },
        problems: arrangedBefore.problems,
        statuses: routes.statuses,
        unserved: routes.unserved,
      };
    },
  };
}
