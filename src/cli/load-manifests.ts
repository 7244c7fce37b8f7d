import { findFault } from "../api/find-fault.ts";
import { createValidator } from "../api/validate/create-validator.ts";
import type { View } from "../api/view.ts";
import { systemClock } from "../base/system-clock.ts";
import { finish } from "../base/work.ts";
import type { FlagTexts } from "../config/flags.ts";
import { type Config, readConfig } from "../config/read-config.ts";
import { buildView, impliedIngressClass } from "../files/build-view.ts";
import type { FilePlace } from "../files/file-problem.ts";
import { DEFAULT_FILE_LIMITS } from "../files/limits.ts";
import { type ObjectField, placeFields } from "../files/place-fields.ts";
import { readPaths } from "../files/read-paths.ts";
import { type ManifestReading, NOTHING_SERVED, reconcile, type Served } from "../files/reconcile.ts";
import { translate } from "../translate/translate.ts";
import type { TranslateOptions, Translation } from "../translate/translation.ts";
import { impliedClassName, translateOptions } from "../translate-options.ts";
import type { Surroundings } from "./surroundings.ts";

/** Manifests as `serve --manifests` would have them right after its start. */
export type LoadedManifests = {
  readonly config: Config;
  /** Every file with its text, and what of the paths cannot be read. */
  readonly reading: ManifestReading;
  readonly served: Served;
  readonly view: View;
  readonly options: TranslateOptions;
  readonly translation: Translation;
  /** Where fields are in the files, in the same order; null for those of an object that no file holds. */
  readonly place: (fields: readonly ObjectField[]) => Promise<readonly (FilePlace | null)[]>;
};

/** What was loaded, or every mistake in the flags. */
export type LoadResult =
  | { readonly ok: true; readonly manifests: LoadedManifests }
  | { readonly ok: false; readonly errors: readonly string[] };

/** Reads, validates and translates manifests (files, directories, `-`) once, by the very steps of `serve --manifests`. */
export async function loadManifests(
  paths: readonly string[],
  flags: FlagTexts,
  { input }: Pick<Surroundings, "input">,
): Promise<LoadResult> {
  const read = readConfig(flags, false);
  if (!read.ok) return read;
  const rules = {
    validate: createValidator({ allowLoopback: true, unknownFields: "refuse" }),
    findFault,
    limits: DEFAULT_FILE_LIMITS,
  };
  const reading = await readPaths({ paths, rules, clock: systemClock, input });
  const served = finish(reconcile(NOTHING_SERVED, reading));
  const options = translateOptions(read.config, null);
  const implied = impliedIngressClass(impliedClassName(read.config), options.classes.controllerName);
  const view = finish(buildView(served, implied, null));
  const translation = translate(view, options);
  const place = (fields: readonly ObjectField[]): ReturnType<typeof placeFields> =>
    placeFields(fields, served.objects, rules.limits);
  return { ok: true, manifests: { config: read.config, reading, served, view, options, translation, place } };
}
