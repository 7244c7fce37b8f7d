import type { TranslateOptions } from "../../src/translate/translation.ts";

/** As `fairlead serve` has them without any flag. */
export const OPTIONS: TranslateOptions = {
  classes: { controllerName: "fairlead.dev/ingress-controller", names: [], readObjects: true },
  defaultCertificate: null,
  minTlsVersion: "TLSv1.2",
  ticketKeys: null,
  maxDrainMs: 50_000,
  allowLoopbackEndpoints: true,
  standaloneEndpoints: true,
};
