import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { type ClientOptions, WebSocket } from "ws";
import { noteSent, sentinel } from "./sentinels.ts";

/** A message as a client got it. */
export type Received = { readonly data: Buffer; readonly binary: boolean };

/** The end of a WebSocket as its API tells it: 1006 when no Close frame came. */
export type WsEnd = { readonly code: number; readonly reason: string; readonly atMs: number };

/** An open WebSocket of the library `ws`, which checks every frame that it reads. */
export type WsClient = {
  readonly socket: WebSocket;
  /** The fields of the 101. */
  readonly answer: IncomingMessage["headers"];
  readonly received: readonly Received[];
  /** The next message that was not asked for yet. */
  readonly next: () => Promise<Received>;
  readonly closed: Promise<WsEnd>;
  /** Errors that the library found in what it read. */
  readonly errors: readonly Error[];
  readonly isOpen: () => boolean;
};

/** In every handshake, as in a browser's: none of it may be told to anybody but the backend. */
const SECRET_FIELDS = {
  Authorization: `Bearer ${sentinel("authorization")}`,
  Cookie: `session=${sentinel("cookie")}`,
  "X-Api-Key": sentinel("api-key"),
} as const;

/** Opens a WebSocket; rejects when the handshake is refused or the connection fails. */
export async function openWs(
  url: string,
  protocols: readonly string[] = [],
  options: ClientOptions & { readonly servername?: string } = {},
): Promise<WsClient> {
  const headers = { ...SECRET_FIELDS, ...options.headers };
  noteSent(JSON.stringify(headers));
  const socket = new WebSocket(url, [...protocols], { perMessageDeflate: false, ...options, headers });
  const received: Received[] = [];
  const errors: Error[] = [];
  let answer: IncomingMessage["headers"] = {};
  let asked = 0;
  socket.once("upgrade", (response) => {
    answer = response.headers;
  });
  socket.on("message", (data: Buffer, binary) => received.push({ data, binary }));
  const { promise: closed, resolve: close } = Promise.withResolvers<WsEnd>();
  socket.once("close", (code, reason) => close({ code, reason: reason.toString(), atMs: Date.now() }));
  const next = async (): Promise<Received> => {
    const at = asked;
    asked += 1;
    while (received.length <= at) {
      if (socket.readyState === WebSocket.CLOSED) throw new Error("the WebSocket is closed");
      await Promise.race([once(socket, "message"), closed]);
    }
    return received[at] as Received;
  };
  await once(socket, "open");
  socket.on("error", (error) => errors.push(error));
  return { socket, answer, received, next, closed, errors, isOpen: () => socket.readyState === WebSocket.OPEN };
}

/** Closes and waits for the end. */
export async function closeWs(client: WsClient, code?: number, reason?: string): Promise<WsEnd> {
  client.socket.close(code, reason);
  return await client.closed;
}
