import type { Both } from "../base/endings.ts";
import type { FlowTally } from "../base/flow-tally.ts";
import type { Clock } from "../base/ports.ts";
import type { Report, ReportHead, RuleName } from "../base/report.ts";
import type { TranslationRun } from "../base/translation-run.ts";
import type { Work } from "../base/work.ts";
import { watchEventLoop } from "./event-loop-watch.ts";
import type { Figures } from "./figures.ts";
import { failedHandshake, listenerOf } from "./handshakes.ts";
import { createHistograms, type Histograms } from "./histograms.ts";
import { createOutcomeCounter } from "./outcomes.ts";
import { createRouteLedger, type ServedRule } from "./route-ledger.ts";

/** Counts what the parts of one Fairlead tell. */
export type Meters = {
  /** Where a relay counts the bytes of a rule's connections to a service. */
  readonly tallies: (rule: RuleName, service: string) => Both<FlowTally>;
  /** A handshake has led to a WebSocket. */
  readonly opened: (head: ReportHead) => void;
  /** A WebSocket has ended, or a request was answered. */
  readonly reported: (report: Report) => void;
  readonly translated: (run: TranslationRun) => void;
  /** The rules that are served from now on. */
  readonly follow: (served: Iterable<ServedRule>) => Work<void>;
  readonly histograms: Pick<Histograms, "write">;
  readonly figures: () => Pick<Figures, "outcomes" | "routes" | "relayed">;
  /** Begins to watch the event loop, until `stop`. */
  readonly start: () => void;
  readonly stop: () => void;
};

/** Makes meters that all stand at 0. */
export function createMeters(clock: Clock): Meters {
  const { count, outcomes } = createOutcomeCounter();
  const ledger = createRouteLedger();
  const histograms = createHistograms();
  let loop: { readonly stop: () => void } | null = null;
  return {
    tallies: ledger.tallies,
    opened: (head) => {
      ledger.opened(head);
      histograms.observe("handshake", head.handshakeMs, { outcome: "accepted", listener: listenerOf(head) });
    },
    reported: (report) => {
      count(report);
      ledger.reported(report);
      const listener = listenerOf(report);
      const outcome = failedHandshake(report);
      if (outcome !== null) histograms.observe("handshake", report.handshakeMs, { outcome, listener });
      if (report.outcome === "relayed") histograms.observe("connection", report.durationMs, { listener });
    },
    translated: ({ scope, result, durationMs }) => histograms.observe("translation", durationMs, { scope, result }),
    follow: ledger.follow,
    histograms,
    figures: () => ({ outcomes: outcomes(), routes: [...ledger.accounts()], relayed: ledger.totals() }),
    start: () => {
      loop ??= watchEventLoop(clock, (ms) => histograms.observe("eventLoopDelay", ms, {}));
    },
    stop: () => {
      loop?.stop();
      loop = null;
    },
  };
}
