import { type Flag, SERVE_FLAGS } from "../config/flags.ts";

const KEYS = new Set([
  "ingressClass",
  "controllerName",
  "defaultCertificate",
  "tlsMinVersion",
  "tlsTicketKeys",
  "propagationDelay",
  "gracePeriod",
]);

/** The flags of `serve` that decide what manifests mean; a command that reads manifests as `serve` does takes them too. */
export const TRANSLATION_FLAGS: readonly Flag[] = SERVE_FLAGS.filter(({ key }) => KEYS.has(key));
