/** A header or query field as it was written: its name in the sender's casing, and its value. */
export type Field = readonly [name: string, value: string];

/** Where a request came in: what the socket says, before any forwarding header is believed. */
export type Arrival = {
  readonly peerAddress: string;
  readonly peerPort: number;
  readonly localAddress: string;
  readonly localPort: number;
  /** True on a TLS listener. */
  readonly secure: boolean;
  /** The server name of the ClientHello (RFC 6066 3), lower-cased; null on plain listeners or when none was sent. */
  readonly serverName: string | null;
};

/** What matching and policies may know of a request. Plain data; kept for the life of a connection so that it can be judged again. */
export type RequestFacts = {
  /** X-Request-Id: kept from trusted peers, else `<instance>-<worker>-<n>`. */
  readonly id: string;
  readonly arrival: Arrival;
  /** The client's address: the peer's, or the right-most untrusted of X-Forwarded-For behind trusted proxies. */
  readonly clientAddress: string;
  readonly method: string;
  /** Lower-cased, without port or trailing dot. */
  readonly host: string;
  /** The Host field's port, or null when it has none. */
  readonly port: number | null;
  /** Normalised once (RFC 3986 6.2.2); what is matched is what is forwarded. */
  readonly path: string;
  /** With its leading `?`, exactly as written, or empty. */
  readonly query: string;
  /** Field names in lower case; values in order of appearance. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  /** The fields as they arrived: casing, order and duplicates kept; but those of a trace are what the backend is told of it. */
  readonly fields: readonly Field[];
  /** Set on WebSocket handshakes only. */
  readonly webSocket: WebSocketOffer | null;
};

/** What a client offered in its handshake (RFC 6455 4.1). */
export type WebSocketOffer = {
  readonly key: string;
  /** Sec-WebSocket-Protocol, in the client's order of preference. */
  readonly subprotocols: readonly string[];
  /** The extension names of Sec-WebSocket-Extensions, without parameters, in lower case. */
  readonly extensions: readonly string[];
};

/** The facts of a WebSocket handshake. */
export type Handshake = RequestFacts & { readonly webSocket: WebSocketOffer };
