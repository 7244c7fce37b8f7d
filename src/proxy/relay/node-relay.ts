import type { Both, Cause } from "../../base/endings.ts";
import type { FlowTally } from "../../base/flow-tally.ts";
import type { Clock } from "../../base/ports.ts";
import { createCursorPages } from "./cursor-cells.ts";
import { type DialParts, dial } from "./dial.ts";
import { createDialContexts, type FindIdentity } from "./dial-contexts.ts";
import { createReading } from "./frame-cursor.ts";
import { HeldSide, type Surrendered } from "./held-side.ts";
import { look } from "./look.ts";
import { adoptSide } from "./open-side.ts";
import { WriteSlab } from "./outlet.ts";
import { Pair } from "./pair.ts";
import type { PairParts, PairState } from "./pair-state.ts";
import { QueuePool } from "./queue-pool.ts";
import type { CloseOrder, CreateRelay, Relay, RelayEnd, RelayId, RelaySettings, Side } from "./relay.ts";
import { relayEnd, relayLive } from "./relay-end.ts";
import { createTimerWheel, type TimerWheel, type Watch } from "./timer-wheel.ts";

const READ_BYTES = 64 * 1024;
const TICK_MS = 100;
const BUCKETS = 600;

/** What the relay of plain Node needs. */
export type NodeRelayParts = {
  readonly clock: Clock;
  /** Numbers in [0, 1), for the payloads of Pings. */
  readonly random: () => number;
  /** What may wait for slow readers over all connections; beyond that, those that have waited longest are cut. No bound if absent. */
  readonly maxQueuedBytes?: number;
  /** The client certificates that Targets name. */
  readonly findIdentity?: FindIdentity;
  /** `shared` reads plain TCP into one buffer for all; `plain` never touches the insides of Node. */
  readonly reads?: "shared" | "plain";
};

type Live = { readonly pair: Pair; readonly watch: Watch<Pair> };

/** Makes relays that run on Node's own sockets, in the thread that calls. */
export function createNodeRelay(parts: NodeRelayParts): CreateRelay {
  return (ended) => new NodeRelay(parts, ended);
}

class NodeRelay implements Relay {
  readonly #ended: (end: RelayEnd) => void;
  readonly #sides: DialParts;
  readonly #live = new Map<RelayId, Live>();
  readonly #wheel: TimerWheel<Pair>;
  readonly #pairs: PairParts;
  #lastId = 0;
  readonly #onEmpty: (() => void)[] = [];

  constructor(parts: NodeRelayParts, ended: (end: RelayEnd) => void) {
    const { clock, random } = parts;
    this.#ended = ended;
    this.#sides = {
      clock,
      readBuffer: parts.reads === "plain" ? null : Buffer.allocUnsafeSlow(READ_BYTES),
      contexts: createDialContexts(parts.findIdentity ?? (() => null)),
    };
    this.#wheel = createTimerWheel<Pair>({ clock, tickMs: TICK_MS, buckets: BUCKETS, look });
    this.#pairs = {
      clock,
      random,
      pages: createCursorPages(),
      reading: createReading(),
      slab: new WriteSlab(),
      pool: new QueuePool(parts.maxQueuedBytes ?? Number.POSITIVE_INFINITY),
      lookBy: (pair, dueMs) => this.#lookBy(pair, dueMs),
      finished: (pair) => this.#finish(pair),
    };
  }

  readonly adopt: Relay["adopt"] = (stream, head, held) => adoptSide(this.#sides, stream, head, held);

  readonly dial: Relay["dial"] = (target, signal) => dial(this.#sides, target, signal);

  readonly start = (
    sides: Both<Side>,
    answer: Uint8Array,
    settings: RelaySettings,
    tallies: Both<FlowTally>,
  ): RelayId => {
    const given = { client: surrender(sides.client), backend: surrender(sides.backend) };
    this.#lastId += 1;
    const id = this.#lastId as RelayId;
    const pair = new Pair(id, given, { settings: Object.freeze({ ...settings }), tallies }, this.#pairs);
    const nowMs = this.#pairs.clock.monotonicMs();
    this.#live.set(id, { pair, watch: this.#wheel.add(pair, look(pair, nowMs)) });
    pair.start(answer, given);
    return id;
  };

  readonly requestClose = (id: RelayId, order: CloseOrder): void => {
    this.#live.get(id)?.pair.requestClose(order);
  };

  readonly cut = (id: RelayId, cause: Cause): void => {
    this.#live.get(id)?.pair.cut(cause);
  };

  readonly inspect: Relay["inspect"] = (ids) => {
    const wanted = ids === "all" ? [...this.#live.keys()] : ids;
    const found = wanted.map((id) => this.#live.get(id)).filter((live) => live !== undefined);
    return Promise.resolve(found.map(({ pair }) => relayLive(pair)));
  };

  readonly stop = async (): Promise<void> => {
    for (const { pair } of this.#live.values()) pair.cut("shutdown");
    if (this.#live.size > 0) await new Promise<void>((resolve) => this.#onEmpty.push(resolve));
    this.#wheel.stop();
  };

  #lookBy(pair: PairState, dueMs: number): void {
    const live = this.#live.get(pair.id);
    if (live !== undefined) this.#wheel.sooner(live.watch, dueMs);
  }

  #finish(pair: PairState): void {
    const live = this.#live.get(pair.id);
    if (live === undefined) return;
    this.#live.delete(pair.id);
    this.#wheel.remove(live.watch);
    const end = relayEnd(pair);
    live.pair.release();
    this.#ended(end);
    if (this.#live.size > 0) return;
    for (const resolve of this.#onEmpty.splice(0)) resolve();
  }
}

function surrender(side: Side): Surrendered {
  if (!(side instanceof HeldSide)) throw new TypeError("a Side of another relay");
  return side.surrender();
}
