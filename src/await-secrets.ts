import type { Clock, Timer } from "./base/ports.ts";
import type { Source } from "./source.ts";
import type { NamedSecrets } from "./translate/objects.ts";

/** Holds translations back while Secrets that they name are being read. */
export type SecretsGate = {
  /** True if a translation that names these is better made again: `again` is called, or the source tells of a change. */
  readonly isAwaited: (secrets: NamedSecrets) => boolean;
  /** From now on there are tables in use, which others wait to see changed. */
  readonly opened: () => void;
  readonly stop: () => void;
};

/** A route that is new may wait so long for its certificate; a thousand of them must not hold up everybody else's change. */
const PATIENCE_MS = 2_000;

/** Makes a gate that is patient without end until it is opened: the first tables are better late than without certificates. */
export function createSecretsGate(source: Pick<Source, "nameSecrets">, clock: Clock, again: () => void): SecretsGate {
  let isOpen = false;
  let patience: Timer | null = null;
  let sinceMs: number | null = null;
  const wait = (): boolean => {
    if (!isOpen) return true;
    sinceMs ??= clock.monotonicMs();
    const leftMs = sinceMs + PATIENCE_MS - clock.monotonicMs();
    patience?.stop();
    if (leftMs > 0) patience = clock.after(leftMs, again);
    return leftMs > 0;
  };
  return {
    isAwaited: ({ named, again: anew }) => {
      if (!source.nameSecrets(named, anew)) return wait();
      sinceMs = null;
      patience?.stop();
      return false;
    },
    opened: () => {
      isOpen = true;
    },
    stop: () => patience?.stop(),
  };
}
