import type { Clock } from "../base/ports.ts";

/** A value that is read again from time to time. */
export type Fresh<Value> = {
  /** The value, at most so old as `maxAgeMs`; readings are shared by all who wait. */
  readonly get: () => Promise<Value>;
  /** The next `get` reads again. */
  readonly forget: () => void;
};

/** Keeps what `read` gave for `maxAgeMs`. A reading that fails is not kept. */
export function keepFresh<Value>(clock: Clock, maxAgeMs: number, read: () => Promise<Value>): Fresh<Value> {
  let last: { readonly value: Promise<Value>; readonly sinceMs: number } | null = null;
  const readNow = (): Promise<Value> => {
    const reading = { value: read(), sinceMs: clock.monotonicMs() };
    last = reading;
    reading.value.catch(() => {
      if (last === reading) last = null;
    });
    return reading.value;
  };
  return {
    get: () => (last !== null && clock.monotonicMs() - last.sinceMs < maxAgeMs ? last.value : readNow()),
    forget: () => {
      last = null;
    },
  };
}
