import { ProxyError } from "../../base/failures.ts";
import type { RequestFacts } from "../../base/request-facts.ts";
import type { Gate } from "../../policy/policy.ts";

declare const admitted: unique symbol;

/** Proof that every gate let a request pass: only `admit` makes one. Disposing it gives back, once, what the gates took. */
export type Permit = Disposable & { readonly [admitted]: true };

/**
 * Asks the gates in order; the first refusal wins, and what earlier gates took is given back.
 * Throws the refusing gate's failure as a ProxyError.
 */
export function admit(gates: readonly Gate[], facts: RequestFacts): Permit {
  using taken = new DisposableStack();
  for (const gate of gates) {
    const decision = gate(facts);
    if (!decision.allowed) throw new ProxyError(decision.failure, decision.detail);
    if (decision.release !== undefined) taken.defer(decision.release);
  }
  return taken.move() as Disposable as Permit;
}
