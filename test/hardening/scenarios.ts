import { AMPLIFICATION } from "./amplification.ts";
import { FAILING_BACKENDS } from "./failing-backends.ts";
import { EIGHT_ADDRESSES, FEW_DESCRIPTORS } from "./floods.ts";
import { SMALL_GROUP, SMALL_HEAP } from "./memory.ts";
import type { Scenario } from "./outcome.ts";
import { SLOWLORIS } from "./slowloris.ts";
import { STALLED_READERS } from "./stalled-readers.ts";
import { STEADY } from "./steady.ts";
import { TENANTS } from "./tenants.ts";
import { VANISHED } from "./vanished.ts";

/** Every scenario, in the order in which a long run plays them. */
export const SCENARIOS: readonly Scenario[] = [
  STEADY,
  SLOWLORIS,
  FEW_DESCRIPTORS,
  EIGHT_ADDRESSES,
  STALLED_READERS.clients,
  STALLED_READERS.backends,
  SMALL_HEAP,
  SMALL_GROUP,
  FAILING_BACKENDS,
  TENANTS,
  VANISHED,
  AMPLIFICATION,
];
