import type { CloseWords } from "../../base/endings.ts";
import type { Clock } from "../../base/ports.ts";
import { showDuration } from "../show-duration.ts";
import { ProbeError, type Step } from "./findings.ts";
import type { ProbeDraft } from "./probe-draft.ts";
import type { ProbeOptions } from "./probe-options.ts";
import type { Redact } from "./redact.ts";
import type { Event, Talk } from "./talk.ts";
import { WireEndError, WireTimeoutError } from "./wire.ts";

/** What a conversation is led with. */
export type Conversation = {
  readonly talk: Talk;
  readonly options: ProbeOptions;
  readonly draft: ProbeDraft;
  readonly redact: Redact;
  readonly clock: Clock;
};

/** Messages that come unasked, such as a welcome; a server that sends more is not going to echo. */
const MAX_BEFORE = 100;

/** Sends Pings, one after another. Throws ProbeError. */
export async function sendPings(conversation: Conversation): Promise<void> {
  const { talk, options, draft } = conversation;
  const times: number[] = [];
  const note = (): void => draft.set({ pings: summarise(times, options.pings) });
  note();
  for (let sent = 0; sent < options.pings; sent += 1) {
    times.push(
      await orLost(conversation, "PingUnanswered", () => talk.ping(deadline(conversation), requireOpen(conversation))),
    );
    note();
  }
}

/** Sends the message and waits for what comes back: the echo, or failing that another message. Throws ProbeError. */
export async function sendEcho(conversation: Conversation, message: string): Promise<void> {
  const { talk, draft, clock, redact } = conversation;
  const startMs = clock.monotonicMs();
  const untilMs = deadline(conversation);
  talk.sendText(message);
  const bytes = Buffer.byteLength(message);
  const others: Buffer[] = [];
  const note = (result: "same" | "other" | "none"): void =>
    draft.set({ echo: { bytes, result, ms: clock.monotonicMs() - startMs, before: others.length } });
  note("none");
  while (others.length < MAX_BEFORE) {
    const event = await nextEvent(conversation, untilMs, others.length > 0);
    if (event === null) break;
    if (event.type !== "message") continue;
    if (event.data.equals(Buffer.from(message))) return note("same");
    others.push(event.data);
    note("other");
  }
  const [first = Buffer.alloc(0)] = others;
  draft.note("EchoDiffers", { answer: redact.text(first.subarray(0, 2_000).toString("utf8"), 200) });
}

/** Says goodbye with 1000 and waits for the answer. What is wrong with it is a note: the connection did its work. */
export async function sayGoodbye(conversation: Conversation): Promise<void> {
  const { talk, draft, options, redact } = conversation;
  const untilMs = deadline(conversation);
  talk.sendClose(1000);
  draft.set({ close: { sent: 1000, received: null } });
  try {
    for (;;) {
      const event = await talk.next(untilMs);
      if (event.type !== "close") continue;
      const { code, reason } = event.words;
      draft.set({ close: { sent: 1000, received: { code, reason: redact.text(reason, 200) } } });
      return;
    }
  } catch (error) {
    if (error instanceof WireTimeoutError) draft.note("CloseUnanswered", { limit: showDuration(options.timeoutMs) });
    else if (error instanceof WireEndError) draft.note("CloseLost", {});
    else throw error;
  }
}

/** The next event; null if none came in time, though others had. Throws ProbeError if it is the end. */
async function nextEvent(conversation: Conversation, untilMs: number, enough: boolean): Promise<Event | null> {
  try {
    const event = await conversation.talk.next(untilMs);
    requireOpen(conversation)(event);
    return event;
  } catch (error) {
    if (error instanceof WireTimeoutError && enough) return null;
    return translate(error, conversation, "EchoMissing");
  }
}

async function orLost<Result>(
  conversation: Conversation,
  late: "PingUnanswered",
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    return translate(error, conversation, late);
  }
}

function translate(thrown: unknown, { options, draft }: Conversation, late: "PingUnanswered" | "EchoMissing"): never {
  if (thrown instanceof WireTimeoutError) throw new ProbeError(late, { limit: showDuration(options.timeoutMs) });
  if (thrown instanceof WireEndError) {
    const how = thrown.how === "fin" ? "the server ended the connection" : thrown.how;
    throw new ProbeError("ConnectionLost", { reason: `${how}, ${sinceOf(draft.step())}` });
  }
  throw thrown;
}

/** A Close frame that nobody asked for. */
function requireOpen({ draft, redact }: Conversation): (event: Event) => void {
  return (event) => {
    if (event.type !== "close") return;
    const { code, reason } = event.words;
    draft.set({ close: { sent: 0, received: { code, reason: redact.text(reason, 200) } } });
    throw new ProbeError("ClosedEarly", { close: `${describeClose(event.words, redact)}, ${sinceOf(draft.step())}` });
  };
}

/** A close code with its reason, in words. */
function describeClose({ code, reason }: CloseWords, redact: Redact): string {
  const shown = reason === "" ? "" : ` "${redact.text(reason, 200)}"`;
  return code === 1005 ? "no code" : `the code ${code}${shown}`;
}

function sinceOf(step: Step): string {
  return step === "echo" ? "after the probe's message" : "right after the 101";
}

function deadline({ clock, options }: Conversation): number {
  return clock.monotonicMs() + options.timeoutMs;
}

function summarise(times: readonly number[], wanted: number) {
  const answered = times.length;
  const sum = times.reduce((total, ms) => total + ms, 0);
  return {
    sent: Math.min(wanted, answered + 1),
    answered,
    minMs: answered === 0 ? null : Math.min(...times),
    avgMs: answered === 0 ? null : sum / answered,
    maxMs: answered === 0 ? null : Math.max(...times),
  };
}
