import type { Both, SideEnd } from "../base/endings.ts";
import type { Log } from "../base/ports.ts";
import type { Report } from "../base/report.ts";
import { lineOf } from "./access-fields.ts";
import type { LineBudget } from "./line-budget.ts";

/** What is written to the access log: nothing, what Fairlead refused, or everything. */
export type AccessLog = "off" | "refused" | "all";

/**
 * Writes one line for each report: a WebSocket at its end, a refusal and a plain request when answered. Refusals are
 * written within the budget, for whoever is refused decides how often; what was relayed or answered is never left out.
 */
export function createAccessLog(log: Log, which: AccessLog, budget: LineBudget): (report: Report) => void {
  return (report) => {
    if (which === "off" || (which === "refused" && report.outcome !== "refused")) return;
    if (report.outcome === "refused" && !budget.allows(report.failure)) return;
    const level = isWorthAWarning(report) ? "warn" : "info";
    log[level](lineOf(report), sentenceOf(report));
  };
}

/** The line as a person reads it on a terminal, where the fields are not shown. */
export function sentenceOf(report: Report): string {
  const target = `${report.method === "" ? "(unreadable)" : report.method} ${report.secure ? "https" : "http"}://${report.host ?? "?"}${report.path ?? ""}`;
  const endpoint = report.endpoint === null ? "" : ` -> ${report.service ?? ""} ${report.endpoint}`;
  return `${report.status} ${target}${endpoint}, ${outcomeOf(report)}`;
}

function outcomeOf(report: Report): string {
  switch (report.outcome) {
    case "relayed": {
      const { from, cause, by } = report;
      const codes = closeCodes(report.sides).join("/");
      return `${from.client.messages} ${from.client.messages === 1 ? "message" : "messages"} in, ${from.backend.messages} out, ended by ${by} (${cause}${codes === "" ? "" : ` ${codes}`}) after ${duration(report.durationMs)}`;
    }
    case "refused":
      return `refused: ${report.failure}, ${report.detail}`;
    case "answered":
      return `${report.complete ? "answered" : "cut short"} in ${duration(report.durationMs)}`;
    default:
      return report satisfies never;
  }
}

/** The code that each side was sent or sent itself, once where they are equal. */
function closeCodes({ client, backend }: Both<SideEnd>): readonly number[] {
  const codes = [client.sent ?? client.received, backend.sent ?? backend.received].map((words) => words?.code);
  return [...new Set(codes.filter((code) => code !== undefined))];
}

const MINUTE_MS = 60_000;

/** In two units at most: `40 ms`, `1.5 s`, `12 min`, `3 h 20 min`, `2 d 5 h`. */
function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < MINUTE_MS) return `${(ms / 1_000).toFixed(1)} s`;
  const minutes = Math.round(ms / MINUTE_MS);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** The proxy's own faults and those of the configuration; a client's mistake is no reason to wake anyone. */
function isWorthAWarning(report: Report): boolean {
  return report.outcome === "refused" && report.status >= 500;
}
