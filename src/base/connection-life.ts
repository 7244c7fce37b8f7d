import type { Socket } from "node:net";

const MOVED = Symbol("a connection goes on in another socket");

/** Says that a connection goes on in another socket: the old one is about to close, and its end means nothing. */
export function announceMove(from: Socket, to: Socket): void {
  from.emit(MOVED, to);
}

/** Calls back once, when the connection itself is gone, whichever socket carries it by then. */
export function onceGone(socket: Socket, gone: () => void): void {
  if (socket.destroyed) {
    gone();
    return;
  }
  const moved = (successor: Socket): void => {
    socket.off("close", gone);
    onceGone(successor, gone);
  };
  socket.once("close", gone);
  socket.once(MOVED, moved);
}
