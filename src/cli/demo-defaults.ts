import type { FlagTexts } from "../config/flags.ts";

/** What `serve` defaults to and a demonstration does better without. */
export const DEMO_DEFAULTS: FlagTexts = {
  httpAddress: ["127.0.0.1:8080"],
  httpsAddress: ["127.0.0.1:8443"],
  publicHttpsPort: "8443",
  adminAddress: "127.0.0.1:9090",
  propagationDelay: "0s",
  gracePeriod: "20s",
};
