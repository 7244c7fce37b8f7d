import type { JSHandle, Page } from "playwright-core";

/** What a page is told when its WebSocket ends. */
export type PageEnd = { readonly code: number; readonly reason: string; readonly wasClean: boolean };

/** What lives in the page. */
type InPage = {
  readonly socket: WebSocket;
  readonly received: string[];
  /** Resolves to true at the open event, to false if the end comes instead. */
  readonly opened: Promise<boolean>;
  readonly ended: Promise<PageEnd>;
};

/** A WebSocket of a page: the browser's own. */
export type PageSocket = {
  readonly opened: () => Promise<boolean>;
  readonly ended: () => Promise<PageEnd>;
  readonly protocol: () => Promise<string>;
  readonly extensions: () => Promise<string>;
  /** Sends a text, or as many zero bytes, and resolves to what comes back next: the text, or `N bytes`. */
  readonly echo: (message: string | number) => Promise<string>;
  readonly close: (code: number, reason: string) => Promise<void>;
};

/** Has a page open a WebSocket, as a script of that page would. */
export async function openInPage(page: Page, url: string, protocols: readonly string[] = []): Promise<PageSocket> {
  // What is passed to `evaluate` runs in the page: it can name nothing of this file.
  const handle: JSHandle<InPage> = await page.evaluateHandle(
    (asked): InPage => {
      const socket = new WebSocket(asked.url, [...asked.protocols]);
      socket.binaryType = "arraybuffer";
      const received: string[] = [];
      socket.addEventListener("message", ({ data }) => {
        received.push(typeof data === "string" ? data : `${(data as ArrayBuffer).byteLength} bytes`);
      });
      const ended = new Promise<PageEnd>((resolve) => {
        socket.addEventListener("close", ({ code, reason, wasClean }) => resolve({ code, reason, wasClean }));
      });
      const opened = new Promise<boolean>((resolve) => {
        socket.addEventListener("open", () => resolve(true));
        socket.addEventListener("close", () => resolve(false));
      });
      return { socket, received, opened, ended };
    },
    { url, protocols },
  );
  return {
    opened: () => handle.evaluate(({ opened }) => opened),
    ended: () => handle.evaluate(({ ended }) => ended),
    protocol: () => handle.evaluate(({ socket }) => socket.protocol),
    extensions: () => handle.evaluate(({ socket }) => socket.extensions),
    echo: (message) =>
      handle.evaluate(
        ({ socket, received }, wanted) =>
          new Promise<string>((resolve, reject) => {
            const before = received.length;
            socket.addEventListener("message", () => resolve(received[before] ?? ""), { once: true });
            socket.addEventListener("close", () => reject(new Error("closed before the echo")), { once: true });
            socket.send(typeof wanted === "string" ? wanted : new Uint8Array(wanted));
          }),
        message,
      ),
    close: (code, reason) =>
      handle.evaluate(({ socket }, words) => socket.close(words.code, words.reason), { code, reason }),
  };
}
