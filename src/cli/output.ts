import { stringify } from "yaml";

/** Ways to print a result: for people, or for programs. `github` is the workflow commands of GitHub Actions. */
export type Format = "human" | "json" | "yaml" | "github";

/** What can be printed for programs: plain data, without Maps, bigints or undefined members. */
export type Printable =
  | string
  | number
  | boolean
  | null
  | readonly Printable[]
  | { readonly [key: string]: Printable | undefined };

/** A result for programs, ended by a newline: JSON, or YAML that readers of YAML 1.1 and 1.2 understand alike. */
export function printData(format: "json" | "yaml", data: Printable): string {
  if (format === "json") return `${JSON.stringify(data, null, 2)}\n`;
  // Version 1.1 puts quotes around words such as `on`, which kubectl would read as booleans.
  return stringify(data, { version: "1.1", lineWidth: 0, aliasDuplicateObjects: false });
}

/** The same result in the format that was asked for; `human` is called only if that is it. */
export function printResult(format: Format, data: Printable, human: () => string): string {
  return format === "json" || format === "yaml" ? printData(format, data) : human();
}
