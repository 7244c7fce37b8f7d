import { KINDS } from "../../api/kinds.ts";
import { compareText } from "../../base/compare-text.ts";
import { printObject } from "../../base/object-name.ts";
import type { Effect, ObjectRef, Problem } from "../../base/problem.ts";
import type { FilePlace, FileProblem } from "../../files/file-problem.ts";
import type { ManifestReading } from "../../files/reconcile.ts";
import type { LoadedManifests } from "../load-manifests.ts";
import type { Code } from "./codes.ts";
import type { Finding } from "./finding.ts";
import { certificateHints } from "./hints/certificate-hints.ts";
import { endpointHints } from "./hints/endpoint-hints.ts";
import type { Hint } from "./hints/hint.ts";
import { matchHints } from "./hints/match-hints.ts";
import { objectHints } from "./hints/object-hints.ts";
import { readRoutes } from "./hints/routes.ts";
import { ruleHints } from "./hints/rule-hints.ts";
import { HINTS, type Severity } from "./hints.ts";
import { fieldLink, helpLink } from "./reference-links.ts";

const SEVERITY_OF_EFFECT: Readonly<Record<Effect, Severity>> = { refused: "error", lost: "error", ignored: "warning" };

/** What `serve` would say of manifests at its start: every problem of files, schemas, CEL rules and translation, by place. */
export async function findProblems(manifests: LoadedManifests, partial: boolean): Promise<readonly Finding[]> {
  const { served, reading, translation } = manifests;
  const refused = refusedObjects(reading);
  const problems = translation.problems.map((problem): Located => {
    const { object, field, value, rival } = problem;
    const severity = severityOf(problem, partial || isAmong(refused, problem.absent));
    const message = isAmong(refused, problem.absent)
      ? `${problem.message} It is defined, and refused.`
      : problem.message;
    return { object, field, value, message, severity, code: problem.reason, rival };
  });
  return arrange([...served.problems.map(ofFileProblem), ...(await locate(problems, manifests))]);
}

/** What is served as written, and hardly as meant. `nowMs` decides about certificates. */
export async function findHints(manifests: LoadedManifests, nowMs: number): Promise<readonly Finding[]> {
  const routes = readRoutes(manifests);
  const hints: readonly Hint[] = [
    ...routes.rules.flatMap((rule) => ruleHints(rule, manifests.options)),
    ...matchHints(routes.claims),
    ...endpointHints(manifests, routes),
    ...objectHints(manifests),
    ...certificateHints(manifests, nowMs),
  ];
  const located = hints.map((hint): Located => ({ ...hint, rival: hint.rival, severity: HINTS[hint.code].severity }));
  return arrange([...unknownKinds(manifests.reading), ...(await locate(located, manifests))]);
}

/** Findings by file, line and column. */
export function arrange(findings: readonly Finding[]): readonly Finding[] {
  return findings.toSorted(
    (a, b) =>
      compareText(a.file, b.file) ||
      a.line - b.line ||
      a.column - b.column ||
      compareText(a.code, b.code) ||
      compareText(a.message, b.message),
  );
}

type Located = {
  readonly severity: Severity;
  readonly code: Code;
  readonly object: ObjectRef;
  readonly field: string;
  readonly value: string;
  readonly message: string;
  readonly rival: Problem["rival"];
};

/** What an incomplete set lacks may be elsewhere. */
function severityOf({ effect, absent }: Problem, mayBeElsewhere: boolean): Severity {
  return absent !== undefined && mayBeElsewhere ? "info" : SEVERITY_OF_EFFECT[effect];
}

/** Objects that are in the files and not in the view, so that others seem to refer to nothing. */
export function refusedObjects({ manifests }: ManifestReading): ReadonlySet<string> {
  const entries = manifests.flatMap(({ manifest }) => (manifest.readable ? manifest.entries : []));
  return new Set(entries.filter(({ content }) => !content.ok).map(({ ref }) => printObject(ref)));
}

function isAmong(objects: ReadonlySet<string>, absent: ObjectRef | undefined): boolean {
  return absent !== undefined && objects.has(printObject(absent));
}

function ofFileProblem({ object, field = "", reason, ...problem }: FileProblem): Finding {
  const reference = object === undefined ? null : fieldLink(object.kind, field);
  const shown = object === undefined ? "" : printObject(object);
  const links = { help: helpLink(reason), reference };
  return { severity: "error", code: reason, ...problem, object: shown, field, value: "", rival: null, ...links };
}

async function locate(found: readonly Located[], { place }: LoadedManifests): Promise<readonly Finding[]> {
  const rivals = found.flatMap(({ rival }) => (rival === undefined ? [] : [rival]));
  const places = await place([...found, ...rivals]);
  let nextRival = found.length;
  return found.map(({ object, field, code, rival, ...rest }, index): Finding => {
    const against = rival === undefined ? null : { object: printObject(rival.object), ...placeOf(places[nextRival]) };
    if (rival !== undefined) nextRival += 1;
    const links = { help: helpLink(code), reference: fieldLink(object.kind, field) };
    const shown = printObject(object);
    return { code, ...rest, ...placeOf(places[index]), object: shown, field, expected: "", rival: against, ...links };
  });
}

function placeOf(place: FilePlace | null | undefined): FilePlace {
  return place ?? { file: "", line: 0, column: 0 };
}

/** Kinds that nobody here reads, and whose author hardly knows it. */
function unknownKinds({ manifests }: ManifestReading): readonly Finding[] {
  return manifests.flatMap(({ path, manifest }) => {
    const ignored = manifest.readable ? manifest.ignored : [];
    return ignored.flatMap(({ what, at }): readonly Finding[] => {
      const meant = meantKind(what);
      if (meant === null) return [];
      const code = "UnknownKind";
      const links = { help: helpLink(code), reference: null };
      const written = { object: "", field: "kind", value: what, message: `${what} is not read`, expected: meant };
      return [{ severity: HINTS[code].severity, code, file: path, ...at, ...written, rival: null, ...links }];
    });
  });
}

function meantKind(what: string): string | null {
  const [apiVersion = "", kind = ""] = what.split(" ");
  const group = apiVersion.includes("/") ? (apiVersion.split("/")[0] ?? "") : "";
  const near = KINDS.find((row) => {
    const isSameKind = row.kind.toLowerCase() === kind.toLowerCase();
    return isSameKind && (group === row.group || group === "extensions" || row.kind === "WebSocketRoute");
  });
  const row = near ?? KINDS.find((each) => each.kind === "WebSocketRoute" && each.group === group);
  return row === undefined ? null : `${row.group}/${row.versions[0]} ${row.kind}`;
}
