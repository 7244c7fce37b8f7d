import { createSecureContext, type SecureContext } from "node:tls";
import type { Target } from "./relay.ts";

/** What a backend may ask of us in its TLS handshake: a certificate and its key, in PEM. */
export type Identity = { readonly certificate: string; readonly key: string };

/** Finds the client identity that a Target names; null when it is not there. */
export type FindIdentity = (identityId: string) => Identity | null;

/** The contexts of TLS to backends; making one for each dial costs more than the handshake. */
export type DialContexts = {
  /** The context for a target's roots and identity. Throws if its PEM cannot be read. */
  readonly find: (tls: NonNullable<Target["tls"]>) => SecureContext;
};

/** Keeps the `most` latest contexts. An identity's id must change with its key, as a hash does. */
export function createDialContexts(findIdentity: FindIdentity, most = 64): DialContexts {
  const contexts = new Map<string, SecureContext>();
  return {
    find: ({ ca, identityId }) => {
      const identity = identityId === null ? null : findIdentity(identityId);
      const key = JSON.stringify([ca, identity === null ? null : identityId]);
      const context =
        contexts.get(key) ??
        createSecureContext({
          ...(ca === null ? {} : { ca }),
          ...(identity === null ? {} : { cert: identity.certificate, key: identity.key }),
        });
      contexts.delete(key);
      contexts.set(key, context);
      for (const oldest of contexts.keys()) {
        if (contexts.size <= most) break;
        contexts.delete(oldest);
      }
      return context;
    },
  };
}
