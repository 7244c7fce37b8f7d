import type { JSHandle, Page } from "playwright-core";
import type { PageEnd } from "./page-socket.ts";

/** What a courier has done so far. */
export type CourierState = {
  /** Messages that were thought of: numbers from 1 to this. */
  readonly last: number;
  /** Those that were answered, in the order of the answers. */
  readonly answered: readonly number[];
  /** The URLs that it was connected to, and the ends of those connections. */
  readonly connected: readonly string[];
  readonly ends: readonly PageEnd[];
};

/** What lives in the page. */
type InPage = { readonly state: () => CourierState; readonly stop: () => Promise<void> };

/** A script of a page that sends numbers without pause, and goes on elsewhere when its WebSocket ends. */
export type Courier = {
  readonly state: () => Promise<CourierState>;
  /** Resolves when there is so much. */
  readonly until: (holds: { readonly answered: number; readonly connected: number }) => Promise<void>;
  /** Thinks of no more, and resolves when everything was answered. */
  readonly stop: () => Promise<void>;
};

/**
 * Does what clients of a server that restarts are told to do: keeps what was not answered, connects to the next URL, and
 * sends it again there.
 */
export async function startCourier(page: Page, urls: readonly string[]): Promise<Courier> {
  // What is passed to `evaluate` runs in the page: it can name nothing of this file.
  const handle: JSHandle<InPage> = await page.evaluateHandle((places): InPage => {
    const open = new Set<number>();
    const answered: number[] = [];
    const connected: string[] = [];
    const ends: PageEnd[] = [];
    let last = 0;
    let attempts = 0;
    let socket: WebSocket | null = null;
    const connect = (): void => {
      const url = places[attempts % places.length] ?? "";
      attempts += 1;
      const current = new WebSocket(url);
      current.addEventListener("open", () => {
        connected.push(url);
        for (const number of open) current.send(String(number));
        socket = current;
      });
      current.addEventListener("message", ({ data }) => {
        const number = Number(data);
        open.delete(number);
        answered.push(number);
      });
      current.addEventListener("close", ({ code, reason, wasClean }) => {
        socket = null;
        ends.push({ code, reason, wasClean });
        setTimeout(connect, 20);
      });
    };
    connect();
    const thinking = setInterval(() => {
      last += 1;
      open.add(last);
      socket?.send(String(last));
    }, 5);
    const stop = (): Promise<void> => {
      clearInterval(thinking);
      return new Promise((resolve) => {
        const looking = setInterval(() => {
          if (open.size > 0) return;
          clearInterval(looking);
          resolve();
        }, 10);
      });
    };
    return { state: () => ({ last, answered, connected, ends }), stop };
  }, urls);
  return {
    state: () => handle.evaluate((courier) => courier.state()),
    until: (wanted) =>
      handle.evaluate(
        (courier, { answered, connected }) =>
          new Promise<void>((resolve) => {
            const looking = setInterval(() => {
              const now = courier.state();
              if (now.answered.length < answered || now.connected.length < connected) return;
              clearInterval(looking);
              resolve();
            }, 10);
          }),
        wanted,
      ),
    stop: () => handle.evaluate((courier) => courier.stop()),
  };
}
