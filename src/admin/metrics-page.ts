import type { Exposition } from "../observe/exposition.ts";
import type { Page } from "./health-pages.ts";

/** /metrics: every metric of docs/reference/metrics.md, in the text format of Prometheus. */
export async function metricsPage(metrics: Exposition): Promise<Page> {
  return { status: 200, contentType: metrics.contentType, body: await metrics.write() };
}
