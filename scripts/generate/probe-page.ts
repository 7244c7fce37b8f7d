import { PROBE_FINDINGS, PROBE_NOTES, type ProbeFindingRow, STEPS } from "../../src/cli/probe/findings.ts";
import { code, origin, writePage } from "./markdown.ts";

/** docs/reference/probe.md: every way in which `fairlead probe` fails, and where to look then. */
export function writeProbe(): string {
  const rows = Object.entries<ProbeFindingRow>(PROBE_FINDINGS);
  const sections = STEPS.flatMap((step) => {
    const own = rows.filter(([, row]) => row.step === step);
    if (own.length === 0) return [];
    return [
      `## ${step}`,
      ...own.flatMap(([name, row]) => [`### ${name}`, `${capital(showFacts(row.sentence))}. ${row.look}`]),
    ];
  });
  const notes = Object.entries(PROBE_NOTES).map(([name, text]) => `- ${code(name)}: ${showFacts(text)}.`);
  return writePage([
    origin("src/cli/probe/findings.ts"),
    "# Findings of `fairlead probe`",
    "A probe stops at the first step that fails and says why in one sentence; its code is stable. `ConnectionLost`, `ClosedEarly` and `ProtocolViolation` are found at any step behind the handshake. An answer that Fairlead wrote itself is told by its name in [failures.md](failures.md).",
    ...sections,
    "## Notes",
    "What is worth knowing of a connection that is healthy all the same.",
    notes.join("\n"),
  ]);
}

function showFacts(text: string): string {
  return text.replaceAll(/\{(\w+)\}/g, "*$1*");
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
