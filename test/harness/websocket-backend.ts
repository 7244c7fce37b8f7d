import { acceptFor } from "../../src/proxy/handshake/check-switch.ts";
import type { RawPeer } from "./raw-client.ts";

/** The head of the request that a backend got. */
export async function readHead(connection: RawPeer): Promise<string> {
  const bytes = await connection.until("\r\n\r\n");
  return bytes.toString("latin1", 0, bytes.indexOf("\r\n\r\n") + 4);
}

/** The value of a field of a head, null when it is absent; several values are joined by a bar. */
export function fieldOf(head: string, name: string): string | null {
  const lines = head.split("\r\n").slice(1);
  const values = lines.filter((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}: `));
  return values.length === 0 ? null : values.map((line) => line.slice(name.length + 2)).join(" | ");
}

/** A 101 that answers the key in a request head; `more` are further field lines. */
export function switchingTo(head: string, more: readonly string[] = []): string {
  const accept = acceptFor(fieldOf(head, "sec-websocket-key") ?? "");
  const lines = ["Upgrade: websocket", "Connection: Upgrade", `Sec-WebSocket-Accept: ${accept}`, ...more];
  return `HTTP/1.1 101 Switching Protocols\r\n${lines.map((line) => `${line}\r\n`).join("")}\r\n`;
}

/** Takes the upgrade; what follows is up to the test. */
export async function takeUpgrade(connection: RawPeer, more: readonly string[] = []): Promise<string> {
  const head = await readHead(connection);
  await connection.send(switchingTo(head, more));
  return head;
}
