import type { Finding } from "./finding.ts";

const COMMANDS = { error: "error", warning: "warning", info: "notice" } as const;

/** Findings as workflow commands of GitHub Actions, which show them at their lines in a pull request. */
export function printGithub(findings: readonly Finding[]): string {
  return findings.map((finding) => `${printCommand(finding)}\n`).join("");
}

function printCommand({ severity, code, file, line, column, object, message, expected, help }: Finding): string {
  const place = file === "" ? "" : `file=${escapeProperty(file)},line=${line},col=${column},`;
  const tail = expected === "" ? "" : ` (expected: ${expected})`;
  const text = `${object === "" ? "" : `${object}: `}${message}${tail} See ${help}`;
  return `::${COMMANDS[severity]} ${place}title=${code}::${escapeData(text)}`;
}

function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
