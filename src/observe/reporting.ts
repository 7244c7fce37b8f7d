import type { Clock, Log } from "../base/ports.ts";
import type { Report } from "../base/report.ts";
import { type AccessLog, createAccessLog } from "./access-log.ts";
import type { Figures } from "./figures.ts";
import { createLineBudget, limitLog } from "./line-budget.ts";
import type { OutputLog } from "./log.ts";

/** What is said of clients: each report is counted, then logged. */
export type Reporting = {
  readonly report: (report: Report) => void;
  /** For lines that clients can cause: those beyond the limits are left out, and counted. */
  readonly clientLog: Log;
  readonly figures: () => Figures["log"];
  /** Says what was left out and not said yet. */
  readonly flush: () => void;
};

/** Makes what the data plane reports to. */
export function createReporting(
  { log, clock }: { readonly log: OutputLog; readonly clock: Clock },
  which: AccessLog,
  count: (report: Report) => void,
): Reporting {
  const budget = createLineBudget(log, clock);
  const write = createAccessLog(log, which, budget);
  return {
    report: (report) => {
      count(report);
      write(report);
    },
    clientLog: limitLog(log, budget),
    figures: () => ({ leftOut: budget.leftOut(), lost: log.lost() }),
    flush: budget.flush,
  };
}
