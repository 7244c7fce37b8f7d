import { CodedError } from "../base/error-codes.ts";

/** The packages of OpenTelemetry that tracing needs. They are optional: nobody loads them who does not trace. */
const PACKAGES = {
  api: { name: "@opentelemetry/api", load: () => import("@opentelemetry/api") },
  sdk: { name: "@opentelemetry/sdk-trace", load: () => import("@opentelemetry/sdk-trace") },
  resources: { name: "@opentelemetry/resources", load: () => import("@opentelemetry/resources") },
  exporter: {
    name: "@opentelemetry/exporter-trace-otlp-proto",
    load: () => import("@opentelemetry/exporter-trace-otlp-proto"),
  },
} as const;

/** What was loaded of each. */
export type OpenTelemetry = {
  readonly [Name in keyof typeof PACKAGES]: Awaited<ReturnType<(typeof PACKAGES)[Name]["load"]>>;
};

/** Loads the packages. Rejects, with a sentence that names them, when one is not installed. */
export async function loadOpenTelemetry(): Promise<OpenTelemetry> {
  const { api, sdk, resources, exporter } = PACKAGES;
  try {
    return {
      api: await api.load(),
      sdk: await sdk.load(),
      resources: await resources.load(),
      exporter: await exporter.load(),
    };
  } catch (error) {
    if (!isMissing(error)) throw error;
    const names = Object.values(PACKAGES).map(({ name }) => name);
    const message = `--tracing-endpoint needs packages that are not installed: npm install ${names.join(" ")}`;
    throw new CodedError("MissingPackage", message, { cause: error });
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND";
}
