import type { Both } from "./endings.ts";

/**
 * What is read from one party over all connections that share the tally, added up while they live. Its owner may read it
 * at any time; a relay alone writes to it. Every figure but `queuedBytes` only ever grows.
 */
export type FlowTally = {
  bytes: number;
  frames: number;
  messages: number;
  /** Bytes that wait, in user space, to be written to the other party: what is open now, not a total. */
  queuedBytes: number;
};

/** Tallies of both parties, all 0. */
export function createFlowTallies(): Both<FlowTally> {
  return { client: noFlow(), backend: noFlow() };
}

/** Adds what was counted in `from` to `into`. */
export function addTallies(into: Both<FlowTally>, from: Both<Readonly<FlowTally>>): void {
  addTally(into.client, from.client);
  addTally(into.backend, from.backend);
}

function noFlow(): FlowTally {
  return { bytes: 0, frames: 0, messages: 0, queuedBytes: 0 };
}

function addTally(into: FlowTally, from: Readonly<FlowTally>): void {
  into.bytes += from.bytes;
  into.frames += from.frames;
  into.messages += from.messages;
  into.queuedBytes += from.queuedBytes;
}
