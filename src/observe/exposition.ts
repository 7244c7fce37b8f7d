import { CONTENT_TYPES, type ExpositionFormat } from "./exposition-format.ts";
import type { Figures } from "./figures.ts";
import { HISTOGRAMS, type HistogramName, type Histograms } from "./histograms.ts";
import { METRICS } from "./metrics.ts";
import { endText, headText, sampleText } from "./write-sample.ts";

/** The metrics as Prometheus reads them. */
export type Exposition = {
  /** Begins a scrape; null while as many as may be are under way. Dispose of it at its end, however it ends. */
  readonly begin: (format: ExpositionFormat) => Scrape | null;
};

/** One scrape. */
export type Scrape = Disposable & {
  readonly contentType: string;
  /**
   * The text, in pieces of at most PIECE_SERIES lines of samples and the histograms. Other work of the event loop gets
   * its turn between two, and nothing is written ahead of who reads.
   */
  readonly pieces: () => AsyncGenerator<string, void>;
};

/** What is scraped. */
export type ExpositionParts = {
  readonly figures: () => Promise<Omit<Figures, "scrape">>;
  readonly histograms: Pick<Histograms, "write">;
  /** Resolves when everything else has had its turn of the event loop; one macrotask by default. */
  readonly turn?: () => Promise<void>;
};

/** Writing so many takes about half a millisecond. */
export const PIECE_SERIES = 500;

/** Of one metric. Ten times the routes that Fairlead is meant for would cost their Prometheus more than a gigabyte. */
export const MAX_METRIC_SERIES = 20_000;

/** Two Prometheus replicas, and two people who look. */
export const MAX_SCRAPES = 4;

/** Makes an exposition; several in one process share nothing. */
export function createExposition(parts: ExpositionParts): Exposition {
  let underWay = 0;
  let refused = 0;
  return {
    begin: (format) => {
      if (underWay >= MAX_SCRAPES) {
        refused += 1;
        return null;
      }
      underWay += 1;
      const ended = new DisposableStack();
      ended.defer(() => {
        underWay -= 1;
      });
      return {
        contentType: CONTENT_TYPES[format],
        pieces: () => write(parts, format, { refused, omitted: 0 }),
        [Symbol.dispose]: () => ended.dispose(),
      };
    },
  };
}

async function* write(
  { figures: read, histograms, turn = nextTurn }: ExpositionParts,
  format: ExpositionFormat,
  scrape: { readonly refused: number; omitted: number },
): AsyncGenerator<string, void> {
  const figures: Figures = { ...(await read()), scrape };
  let text = "";
  let left = PIECE_SERIES;
  for (const metric of METRICS) {
    text += headText(metric, format);
    let series = 0;
    for (const sample of metric.collect(figures)) {
      if (left === 0) {
        yield text;
        await turn();
        text = "";
        left = PIECE_SERIES;
      }
      left -= 1;
      series += 1;
      if (series <= MAX_METRIC_SERIES) text += sampleText(metric, sample);
      else scrape.omitted += 1;
    }
  }
  for (const name of Object.keys(HISTOGRAMS) as HistogramName[]) text += `${await histograms.write(name, format)}\n`;
  yield text + endText(format);
}

function nextTurn(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  setImmediate(resolve);
  return promise;
}
