/** The text formats of /metrics: Prometheus 0.0.4, and OpenMetrics 1.0.0. */
export const EXPOSITION_FORMATS = ["text", "openmetrics"] as const;

/** One of EXPOSITION_FORMATS. */
export type ExpositionFormat = (typeof EXPOSITION_FORMATS)[number];

/** The Content-Type of each format. */
export const CONTENT_TYPES: Readonly<Record<ExpositionFormat, string>> = {
  text: "text/plain; version=0.0.4; charset=utf-8",
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
};

/** The format to answer an Accept field with (RFC 9110 12.5.1): OpenMetrics if its version 1.0.0 is asked for, else the text that everything reads. */
export function negotiate(accept: string | undefined): ExpositionFormat {
  const ranges = (accept ?? "").toLowerCase().split(",", 32);
  return ranges.some(isOpenMetrics) ? "openmetrics" : "text";
}

function isOpenMetrics(range: string): boolean {
  const [type, ...parameters] = range.split(";").map((part) => part.replaceAll(/\s/gu, ""));
  if (type !== "application/openmetrics-text") return false;
  const version = parameters.find((parameter) => parameter.startsWith("version="));
  const refused = parameters.some((parameter) => /^q=0(?:\.0*)?$/u.test(parameter));
  return !refused && (version === undefined || version === "version=1.0.0");
}
