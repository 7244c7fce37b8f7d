import type { Annotation } from "./annotation.ts";
import { DRAIN_ANNOTATIONS } from "./drain.ts";
import { KEEPALIVE_ANNOTATIONS } from "./keepalive.ts";
import { MATCHING_ANNOTATIONS } from "./matching.ts";
import { REWRITING_ANNOTATIONS } from "./rewriting.ts";
import { SECURITY_ANNOTATIONS } from "./security.ts";
import { TIMEOUT_ANNOTATIONS } from "./timeouts.ts";
import { TLS_ANNOTATIONS } from "./tls.ts";

/** What every annotation of ours begins with. */
export const ANNOTATION_PREFIX = "fairlead.dev/";

/** Every annotation of ours that an Ingress may carry, once. */
export const ANNOTATIONS: readonly Annotation[] = [
  ...TIMEOUT_ANNOTATIONS,
  ...KEEPALIVE_ANNOTATIONS,
  ...DRAIN_ANNOTATIONS,
  ...MATCHING_ANNOTATIONS,
  ...REWRITING_ANNOTATIONS,
  ...SECURITY_ANNOTATIONS,
  ...TLS_ANNOTATIONS,
];
