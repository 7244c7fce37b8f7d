import type { RequestOptions } from "node:https";
import { CodedError } from "../base/error-codes.ts";

/** How to reach an API server, and as whom. */
export type Connection = {
  /** https, or http on this very machine (`kubectl proxy`), which is sent no credentials. */
  readonly server: URL;
  /** False if whoever wrote the kubeconfig wants no certificate to be looked at. */
  readonly isVerified: boolean;
  /** What a request carries now; rejects with an ApiFailure if it cannot be had. */
  readonly credentials: () => Promise<Credentials>;
  /** The credentials were not accepted: read them again before the next request. */
  readonly refresh: () => void;
};

/** The part of a request that proves who asks, and by which CA the server is known. */
export type Credentials = Pick<
  RequestOptions,
  "ca" | "cert" | "key" | "passphrase" | "servername" | "rejectUnauthorized" | "auth" | "agent"
> & { readonly headers: Readonly<Record<string, string>> };

/** It cannot be found out where the API server is. Its message is a sentence for a person. */
export class ConnectionError extends CodedError {
  override readonly name = "ConnectionError";

  constructor(message: string) {
    super("NoCluster", message);
  }
}
