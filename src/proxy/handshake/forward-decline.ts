import type { Clock, Timer } from "../../base/ports.ts";
import type { HeaderEdits } from "../../table/routing-table.ts";
import type { Side } from "../relay/relay.ts";
import type { Framing } from "./body-framing.ts";
import type { Declined } from "./connect.ts";
import { formatDecline } from "./format-handshake.ts";
import { readBody } from "./read-body.ts";
import { untilAborted } from "./until-aborted.ts";

/** How long an answer's body may stand still, and its reader may take to close. */
export type Pace = { readonly clock: Clock; readonly stallMs: number; readonly lingerMs: number };

/**
 * Relays an answer that declines an upgrade as the ordinary HTTP that it is, then closes both sides. Not one byte of the
 * client goes to the backend. Resolves to whether the client got all of it; a body that was cut short ends with a reset,
 * so that it cannot be taken for a whole one. Never rejects.
 */
export async function forwardDecline(
  client: Side,
  declined: Declined,
  edits: HeaderEdits,
  pace: Pace,
): Promise<boolean> {
  const { upstream, answer, framing } = declined;
  const watch = watchProgress(pace, client.gone);
  try {
    await watch.step(client.write(formatDecline(answer.head, framing, edits)));
    let rest: Uint8Array | null = answer.rest.length > 0 ? answer.rest : null;
    const read = async (): Promise<Uint8Array | null> => {
      const bytes = rest ?? (await watch.step(upstream.read()));
      rest = null;
      return bytes;
    };
    for await (const content of readBody(framing, read)) await watch.step(client.write(frame(framing, content)));
    if (framing.type === "Chunked") await watch.step(client.write(Buffer.from("0\r\n\r\n")));
    client.close("fin", pace.lingerMs);
    upstream.close("fin", pace.lingerMs);
    return true;
  } catch {
    client.close("reset", 0);
    upstream.close("reset", 0);
    return false;
  } finally {
    watch.stop();
  }
}

function frame(framing: Framing, content: Uint8Array): Uint8Array {
  if (framing.type !== "Chunked") return content;
  return Buffer.concat([Buffer.from(`${content.length.toString(16)}\r\n`), content, Buffer.from("\r\n")]);
}

type Watch = { readonly step: <Value>(work: Promise<Value>) => Promise<Value>; readonly stop: () => void };

// One step of reading or writing may take stallMs, and none outlives the client.
function watchProgress({ clock, stallMs }: Pace, gone: AbortSignal): Watch {
  const stalled = new AbortController();
  const signal = AbortSignal.any([gone, stalled.signal]);
  let timer: Timer | null = null;
  return {
    step: (work) => {
      timer?.stop();
      timer = clock.after(stallMs, () => stalled.abort(new Error("the answer stands still")));
      return untilAborted(signal, work);
    },
    stop: () => timer?.stop(),
  };
}
