import type { View } from "../api/view.ts";
import { finish } from "../base/work.ts";
import type { TranslateOptions, Translation } from "./translation.ts";
import { createTranslator } from "./translator.ts";

/**
 * Turns everything that was written into everything that the data plane is told. Pure and total: no clock, no
 * environment, no exception; the same objects in any order give the same tables. What cannot be honoured answers 503,
 * in the narrowest scope that is safe, and is told in `problems` and `statuses`.
 */
export function translate(view: View, options: TranslateOptions): Translation {
  const translator = createTranslator(options);
  return finish(translator.translateEndpoints(view, finish(translator.translateRoutes(view))));
}
