/** What a translation was asked for by: any object, or endpoints alone. */
export const TRANSLATION_SCOPES = ["routes", "endpoints"] as const;

/** How a translation ended: tables were swapped, nothing differed, or it threw and the last good tables stay in use. */
export const TRANSLATION_RESULTS = ["changed", "unchanged", "failed"] as const;

/** One translation, from the view that had changed to tables in use. */
export type TranslationRun = {
  readonly scope: (typeof TRANSLATION_SCOPES)[number];
  readonly result: (typeof TRANSLATION_RESULTS)[number];
  readonly durationMs: number;
};
