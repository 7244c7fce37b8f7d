import { allowedOrigins } from "./allowed-origins.ts";
import type { AnyPolicy } from "./policy.ts";

/** Every policy, in the order of enforcement: the cheapest and least revealing first. The first refusal wins. */
export const POLICIES = [allowedOrigins] as const satisfies readonly AnyPolicy[];
