import type { ExpositionFormat } from "./exposition-format.ts";
import type { Metric, Sample } from "./metric.ts";

/** The lines before a metric's samples. In OpenMetrics a counter is called by its name without `_total`. */
export function headText({ name, help, type }: Metric, format: ExpositionFormat): string {
  const family = format === "openmetrics" && type === "counter" ? name.replace(/_total$/u, "") : name;
  return `# HELP ${family} ${help}\n# TYPE ${family} ${type}\n`;
}

/** The line of a sample, which is the same in both formats; its labels are in the order of the metric's. */
export function sampleText({ name, labels }: Metric, sample: Sample): string {
  if (labels.length === 0) return `${name} ${sample.value}\n`;
  let pairs = "";
  for (const label of labels) {
    pairs += `${pairs === "" ? "" : ","}${label}="${escape(sample.labels[label] ?? "")}"`;
  }
  return `${name}{${pairs}} ${sample.value}\n`;
}

/** What follows everything. */
export function endText(format: ExpositionFormat): string {
  return format === "openmetrics" ? "# EOF\n" : "";
}

const SPECIAL = /[\\"\n]/;

/** As both formats escape the value of a label. Nearly no value needs it. */
function escape(value: string): string {
  if (!SPECIAL.test(value)) return value;
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
