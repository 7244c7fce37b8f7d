import type { Target } from "./target.ts";
import { answers } from "./targets/answers.ts";
import { frames } from "./targets/frames.ts";
import { heads } from "./targets/heads.ts";
import { hellos } from "./targets/hellos.ts";
import { manifests } from "./targets/manifests.ts";
import { watches } from "./targets/watches.ts";

/** Everything that reads hostile bytes and is hunted in. */
export const TARGETS: readonly Target[] = [heads, answers, frames, hellos, manifests, watches];
