import { createExposition, type ExpositionParts } from "../../src/observe/exposition.ts";
import type { ExpositionFormat } from "../../src/observe/exposition-format.ts";
import type { Figures } from "../../src/observe/figures.ts";
import { createHistograms } from "../../src/observe/histograms.ts";
import { makeFigures } from "./make-figures.ts";

/** What an exposition of these figures is made of. */
export function partsOf(figures: Partial<Figures>): ExpositionParts {
  return { figures: async () => makeFigures(figures), histograms: createHistograms() };
}

/** The whole text of one scrape. */
export async function scrapeText(parts: ExpositionParts, format: ExpositionFormat = "text"): Promise<string> {
  using scrape = createExposition(parts).begin(format);
  let text = "";
  for await (const piece of scrape?.pieces() ?? []) text += piece;
  return text;
}
