import type { Duplex } from "node:stream";
import type { Both, Cause, CloseWords, Flow, Party, SideEnd } from "../../base/endings.ts";
import type { FlowTally } from "../../base/flow-tally.ts";

/** Names a relayed connection for ever: never reused, so a late order or event cannot hit a successor. */
export type RelayId = number & { readonly brand: unique symbol };

/** What is to be known of a peer, copied once: nobody asks a live socket later. */
export type PeerFacts = {
  readonly address: string;
  readonly port: number;
  readonly localAddress: string;
  readonly localPort: number;
  readonly tls: null | {
    readonly serverName: string | null;
    readonly protocol: string;
    readonly cipher: string;
    readonly alpn: string | null;
    readonly certificate: Uint8Array | null;
  };
};

/** One end before the 101. Opaque; consumed by `start` or `close`. Holds at most `held` early bytes, then stops reading. */
export type Side = {
  readonly party: Party;
  readonly facts: PeerFacts;
  /** Aborts on FIN or RST before the 101, so that a dead client ends the dial. */
  readonly gone: AbortSignal;
  /** The next bytes; null at the end of the stream. Rejects when the connection fails. */
  readonly read: () => Promise<Uint8Array | null>;
  /** Gives back what followed the head: the relay alone owns early bytes. */
  readonly unread: (bytes: Uint8Array) => void;
  /** Writes a request head, a refusal or an error body; never the 101. Resolves when the bytes are taken, rejects when the peer is gone. */
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** `fin`: end, discard what comes until EOF or `lingerMs`, then destroy. `reset`: RST now. */
  readonly close: (how: "fin" | "reset", lingerMs: number) => void;
};

/** An endpoint to dial. Plain data, so that another engine can do the dialling and TLS itself. */
export type Target = {
  /** An IP literal. */
  readonly address: string;
  readonly port: number;
  readonly connectMs: number;
  /** Early bytes to hold before reading stops. */
  readonly held: number;
  readonly tls: null | {
    readonly serverName: string | null;
    readonly verify: boolean;
    /** PEM roots; null for the system's. */
    readonly ca: string | null;
    readonly identityId: string | null;
  };
};

/** The settings of one connection, frozen at start: a configuration change cannot touch a live socket. Times in ms, 0 is off. */
export type RelaySettings = {
  /** Decides which RSV bits and opcodes are errors: none negotiated, permessage-deflate, or anything else (not judged). */
  readonly extensions: "none" | "deflate" | "other";
  /** No frame forwarded in either direction for this long. */
  readonly idleMs: number;
  /** That side accepted no byte for this long while bytes waited for it. */
  readonly stallMs: Both<number>;
  /** Already dithered. */
  readonly lifetimeMs: number;
  /** Bounds finishing a frame, waiting for a Close, lingering and half-open. */
  readonly closeMs: number;
  /** A Ping of ours after this long without a byte from that side; 0 sends none. */
  readonly pingMs: Both<number>;
  /** How long after our Ping a side may stay without sending a byte; any byte counts, not only the Pong. */
  readonly pongMs: number;
  /** Bytes per direction in user space; may be exceeded by one read. */
  readonly queueBytes: number;
  /** Payload bytes of one frame from that side before 1009; 0 is no limit. */
  readonly maxFrameBytes: Both<number>;
  /** Payload bytes of one message from that side, as on the wire (compressed ones stay compressed), before 1009; 0 is no limit. */
  readonly maxMessageBytes: Both<number>;
  /** Fragments of one message before 1009. */
  readonly maxFragments: number;
  /** Token bucket of messages from that side before 1008; perSecond 0 is no limit. */
  readonly messages: Both<{ readonly perSecond: number; readonly burst: number }>;
  /** Control frames a second from one side before 1008; 0 is no limit. */
  readonly controlFramesPerSecond: number;
};

/** An order to end a connection with a Close frame to each side. */
export type CloseOrder = { readonly cause: Cause; readonly words: Both<CloseWords>; readonly closeMs: number };

/** How a connection ended. Structured-clonable; names and routes are joined by the registry, by id. */
export type RelayEnd = {
  readonly id: RelayId;
  readonly cause: Cause;
  /** The peer that left, misbehaved or fell silent; `proxy` for orders, idleness and lifetime. */
  readonly by: Party | "proxy";
  /** Both closing handshakes were completed (RFC 6455 7.1.4) and no byte was left undelivered. */
  readonly clean: boolean;
  readonly durationMs: number;
  readonly from: Both<Flow>;
  readonly sides: Both<SideEnd>;
  readonly detail: string | null;
};

/** A look at a live connection. */
export type RelayLive = {
  readonly id: RelayId;
  readonly state: "open" | "closing";
  readonly from: Both<Flow>;
  /** Since its 101. */
  readonly ageMs: number;
  /** Since the last frame in either direction. */
  readonly quietMs: number;
  readonly pingRttMs: Both<number | null>;
};

/** Carries bytes between two peers from the 101 to the last byte. After `adopt` and `dial` nobody else ever holds a socket. */
export type Relay = {
  /** Takes a client's connection over. Call it synchronously in the server's 'upgrade' event. */
  readonly adopt: (stream: Duplex, head: Uint8Array, held: number) => Side;
  /** Connects to an endpoint; rejects with a DialError, and with the signal's reason when aborted. */
  readonly dial: (target: Target, signal: AbortSignal) => Promise<Side>;
  /**
   * Writes `answer`, the 101, to the client, and relays from then on. Consumes both sides. What is read from each party is
   * added to its tally as it comes, and once `ended` is called nothing of this connection is queued there any more.
   */
  readonly start: (pair: Both<Side>, answer: Uint8Array, settings: RelaySettings, tallies: Both<FlowTally>) => RelayId;
  /** Says goodbye at the next frame boundaries. Unknown or closing ids are ignored; the first cause wins, a shorter closeMs shortens. */
  readonly requestClose: (id: RelayId, order: CloseOrder) => void;
  /** RST to both sides now. */
  readonly cut: (id: RelayId, cause: Cause) => void;
  readonly inspect: (ids: readonly RelayId[] | "all") => Promise<readonly RelayLive[]>;
  /** Cuts what is left; resolves after the last `ended`. */
  readonly stop: () => Promise<void>;
};

/** `ended` is called exactly once an id, never inside `start`. */
export type CreateRelay = (ended: (end: RelayEnd) => void) => Relay;

/** Why a dial failed: `connect` refused or unreachable, `timeout` after connectMs, `tls` not established or not verified. */
export class DialError extends Error {
  readonly kind: "connect" | "timeout" | "tls";
  readonly errno: string | null;

  constructor(kind: "connect" | "timeout" | "tls", message: string, errno: string | null = null) {
    super(message);
    this.name = "DialError";
    this.kind = kind;
    this.errno = errno;
  }
}
