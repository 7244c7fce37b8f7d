import type { Config } from "./config/read-config.ts";
import { maxDrainMs } from "./drain-plane.ts";
import type { SourceSettings } from "./source.ts";
import type { DefaultCertificate, TranslateOptions } from "./translate/translation.ts";

/** What the flags of `serve` say to translate. `pair` is a certificate that was made for this run, if there is one. */
export function translateOptions(
  config: Config,
  pair: Omit<Extract<DefaultCertificate, { type: "Pair" }>, "type"> | null,
): TranslateOptions {
  return {
    classes: { controllerName: config.controllerName, names: config.ingressClasses, readObjects: true },
    defaultCertificate: readDefault(config, pair),
    minTlsVersion: config.tlsMinVersion,
    ticketKeys: config.tlsTicketKeys,
    maxDrainMs: maxDrainMs(config),
    allowLoopbackEndpoints: true,
    standaloneEndpoints: true,
  };
}

/** The options for what a source holds: in a cluster, endpoints are what the API server says they are. */
export function optionsOf(source: SourceSettings, options: TranslateOptions): TranslateOptions {
  if (source.type === "directory") return options;
  return {
    ...options,
    // With Roles alone nothing that is in no namespace can be read.
    classes: { ...options.classes, readObjects: source.namespaces.length === 0 },
    allowLoopbackEndpoints: source.allowLoopback,
    standaloneEndpoints: false,
  };
}

/** The IngressClass that is there without a file. */
export function impliedClassName({ ingressClasses }: Pick<Config, "ingressClasses">): string {
  return ingressClasses[0] ?? "fairlead";
}

function readDefault(config: Config, pair: Parameters<typeof translateOptions>[1]): DefaultCertificate | null {
  if (config.defaultCertificate !== null) return { type: "Secret", ...config.defaultCertificate };
  return pair === null ? null : { type: "Pair", ...pair };
}
