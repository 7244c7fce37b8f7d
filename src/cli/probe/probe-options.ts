import type { Field } from "../../base/request-facts.ts";
import type { RequestUrl } from "../request-url.ts";

/** What a probe is told. */
export type ProbeOptions = {
  readonly url: RequestUrl;
  /** Connects here instead of where the URL says; names in TLS and in the request stay those of the URL. */
  readonly connectTo: { readonly host: string; readonly port: number } | null;
  /** Goes on with a certificate that would not be accepted. */
  readonly insecure: boolean;
  /** PEM of the authorities to trust instead of the usual ones; null for those. */
  readonly ca: string | null;
  /** For SNI and for the certificate's name, instead of the URL's host. */
  readonly serverName: string | null;
  /** The longest that each step may take. */
  readonly timeoutMs: number;
  /** Sent as they are; a field of these replaces the one that the probe writes itself. */
  readonly headers: readonly Field[];
  readonly subprotocols: readonly string[];
  /** Whether permessage-deflate is offered, as browsers do. */
  readonly compression: boolean;
  readonly pings: number;
  /** Null sends no message. */
  readonly message: string | null;
};
