import type { Socket } from "node:net";
import type { Clock } from "../../base/ports.ts";
import { type ClientHello, readClientHello } from "./client-hello.ts";

/** What a connection began with. `gone`: it ended, failed, or said too little for too long. */
export type Peeked =
  | ClientHello
  | { readonly type: "not-tls" }
  | { readonly type: "malformed"; readonly detail: string }
  | { readonly type: "gone" };

/** Reads the ClientHello of a fresh connection and puts it back, within `ms`. Calls `done` exactly once, and leaves no listener behind. */
export function peekClientHello(socket: Socket, ms: number, clock: Clock, done: (peeked: Peeked) => void): void {
  const chunks: Buffer[] = [];
  let length = 0;
  let atLeast = 1;
  const timer = clock.after(ms, () => finish({ type: "gone" }));
  const gone = (): void => finish({ type: "gone" });
  const finish = (peeked: Peeked): void => {
    timer.stop();
    socket.off("readable", read);
    socket.off("end", gone);
    socket.off("close", gone);
    if (length > 0 && !socket.destroyed) socket.unshift(Buffer.concat(chunks));
    done(peeked);
  };
  const read = (): void => {
    for (let chunk: Buffer | null = socket.read(); chunk !== null; chunk = socket.read()) {
      chunks.push(chunk);
      length += chunk.length;
    }
    if (length < atLeast) return;
    const reading = readClientHello(Buffer.concat(chunks));
    if (reading.type === "need-more") atLeast = reading.atLeast;
    else finish(reading);
  };
  socket.on("readable", read);
  socket.on("end", gone);
  socket.on("close", gone);
}
