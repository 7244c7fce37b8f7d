import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { HISTOGRAMS, type HistogramRow } from "../../src/observe/histograms.ts";
import { LABELS } from "../../src/observe/labels.ts";
import { METRICS } from "../../src/observe/metrics.ts";

const PAGE = readFileSync("docs/monitoring.md", "utf8");
/** What Prometheus adds by itself. */
const OF_PROMETHEUS = ["le", "instance"];

it("the queries of docs/monitoring.md name metrics and labels that there are", () => {
  const histograms = Object.values<HistogramRow>(HISTOGRAMS).flatMap(({ name }) => [`${name}_bucket`, `${name}_count`]);
  const known = new Set([...METRICS.map(({ name }) => name), ...histograms]);
  const named = PAGE.match(/\b(?:fairlead|process|nodejs)_[a-z_]+[a-z]\b/gu) ?? [];
  expect(named.length).toBeGreaterThan(25);
  expect(named.filter((name) => !known.has(name))).toEqual([]);

  const labels = [...PAGE.matchAll(/by \(([^)]*)\)|(?<=[a-z])\{([^{}\n]*"[^{}\n]*)\}/gu)].flatMap(([, by, matchers]) =>
    (by ?? matchers ?? "").split(",").map((part) => (/[a-z_]+/u.exec(part) ?? [""])[0]),
  );
  expect(labels.length).toBeGreaterThan(20);
  expect(labels.filter((label) => !(label in LABELS) && !OF_PROMETHEUS.includes(label))).toEqual([]);
  const values = [...PAGE.matchAll(/([a-z_]+)!?="([^"]*)"/gu)];
  for (const [, label = "", value = ""] of values) {
    expect([label, LABELS[label as keyof typeof LABELS].values]).toEqual([label, expect.arrayContaining([value])]);
  }
});
