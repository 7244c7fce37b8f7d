import type { Clock } from "../../base/ports.ts";
import { type NoteCode, PROBE_NOTES, type ProbeFacts, phrase, type Step } from "./findings.ts";
import type { ProbeResult } from "./probe-result.ts";

/** A result while it is found out. */
export type ProbeDraft = {
  readonly set: (found: Partial<ProbeResult>) => void;
  readonly note: (code: NoteCode, facts: ProbeFacts) => void;
  /** Does a step and takes its time, also if it throws. */
  readonly take: <Value>(step: Step, work: () => Promise<Value>) => Promise<Value>;
  /** The step that was begun last. */
  readonly step: () => Step;
  readonly result: () => ProbeResult;
};

/** Begins a draft in which nothing is known but the URL. */
export function startDraft(url: string, clock: Clock): ProbeDraft {
  let step: Step = "resolve";
  let result: ProbeResult = {
    url,
    healthy: false,
    finding: null,
    notes: [],
    steps: [],
    addresses: [],
    connectedTo: null,
    tls: null,
    request: null,
    response: null,
    subprotocol: null,
    extensions: null,
    pings: null,
    echo: null,
    close: null,
  };
  return {
    set: (found) => {
      result = { ...result, ...found };
    },
    note: (code, facts) => {
      result = { ...result, notes: [...result.notes, { code, sentence: `${phrase(PROBE_NOTES[code], facts)}.` }] };
    },
    take: async (next, work) => {
      step = next;
      const startMs = clock.monotonicMs();
      try {
        return await work();
      } finally {
        result = { ...result, steps: [...result.steps, { step: next, ms: clock.monotonicMs() - startMs }] };
      }
    },
    step: () => step,
    result: () => result,
  };
}
