import { printObject } from "../../base/object-name.ts";
import type { ObjectField } from "../../files/place-fields.ts";
import { createTrustedProxies } from "../../proxy/handshake/trusted-proxies.ts";
import type { Invocation } from "../command.ts";
import { mistakesOf, UsageError } from "../complain.ts";
import { escapeText } from "../escape-text.ts";
import type { ExitCode } from "../exit-codes.ts";
import { findProblems, refusedObjects } from "../lint/find.ts";
import { printPlace } from "../lint/finding.ts";
import { readRoutes } from "../lint/hints/routes.ts";
import { type LoadedManifests, loadManifests } from "../load-manifests.ts";
import { printResult } from "../output.ts";
import { textsOf } from "../parse-fields.ts";
import type { Surroundings } from "../surroundings.ts";
import { type Authors, readAuthors } from "./authors.ts";
import type { FoundCandidate } from "./candidates.ts";
import { explain, type FoundExplanation } from "./explain.ts";
import type { Explanation, NamedRule } from "./explanation.ts";
import { findObjectsOfHost } from "./find-objects-of-host.ts";
import { printExplanation } from "./print-explanation.ts";
import { readQuestion } from "./read-question.ts";

/** `fairlead explain URL`: which rule answers a request and why. Resolves to the exit code: 1 if Fairlead refuses it. */
export async function runExplain(invocation: Invocation, surroundings: Surroundings): Promise<ExitCode> {
  const { operands, flags, format } = invocation;
  const asked = readQuestion(operands[0] ?? "", flags);
  const paths = textsOf(flags, "manifests");
  const loaded = await loadManifests(paths, flags, surroundings);
  if (!asked.ok || !loaded.ok || paths.length === 0) {
    const missing = paths.length === 0 ? ["--manifests: expected a file, a directory, or - for standard input"] : [];
    const invalid = [...(asked.ok ? [] : asked.errors), ...(loaded.ok ? [] : loaded.errors)];
    throw new UsageError([...mistakesOf("MissingFlag", missing), ...mistakesOf("InvalidArgument", invalid)]);
  }
  const { manifests } = loaded;
  const routes = readRoutes(manifests);
  const authors = readAuthors(routes);
  const { config, translation } = manifests;
  const settings = {
    trustedProxies: createTrustedProxies(config.trustedProxies),
    publicHttpsPort: config.publicHttpsPort,
  };
  const found = explain(asked.question, { tables: translation.tables, settings, authors });
  const objects = findObjectsOfHost(found.request.host, manifests.view, routes.sources);
  // What is not in the view cannot be asked for its hosts, and may be the very reason of the question.
  const named = new Set([...objects.served.map(printObject), ...refusedObjects(manifests.reading)]);
  const problems = (await findProblems(manifests, false))
    .filter(({ object }) => object === "" || named.has(object))
    .map((finding) => ({
      place: escapeText(printPlace(finding), 1_000),
      code: finding.code,
      object: finding.object,
      message: escapeText(finding.message, 1_000),
    }));
  const explanation: Explanation = {
    ...(await placeAll(found, authors, manifests)),
    problems,
    unserved: objects.unserved.map(printObject),
  };
  surroundings.write(printResult(format, explanation, () => printExplanation(explanation, surroundings.colour)));
  return explanation.answer.type === "forwarded" ? 0 : 1;
}

/** Says of every rule and setting at which line it was written. */
async function placeAll(
  found: FoundExplanation,
  authors: Authors,
  manifests: LoadedManifests,
): Promise<Omit<Explanation, "problems" | "unserved">> {
  const { rule, settings, hosts } = found;
  const placed = await placer([...fieldsOf(rule, found, authors), ...candidateFields(hosts)], manifests);
  const winner = hosts.flatMap(({ rules }) => rules).find(({ result }) => result === "answers");
  const shownRule: NamedRule | null =
    rule === null
      ? null
      : {
          object: printObject(rule),
          rule: escapeText(rule.rule, 300),
          field: winner?.field ?? null,
          place: winner === undefined ? null : placed(winner.claim?.object, winner.field),
        };
  return {
    ...found,
    rule: shownRule,
    settings: settings.map((setting) => ({ ...setting, place: placed(rule, setting.field) })),
    hosts: hosts.map((host) => ({
      ...host,
      rules: host.rules.map(({ claim, ...candidate }) => ({
        ...candidate,
        rule: escapeText(candidate.rule, 300),
        place: placed(claim?.object, candidate.field),
      })),
    })),
  };
}

function fieldsOf(
  rule: FoundExplanation["rule"],
  { settings }: FoundExplanation,
  authors: Authors,
): readonly ObjectField[] {
  if (rule === null || authors.ruleOf(rule) === null) return [];
  const { kind, namespace, name } = rule;
  return settings.flatMap(({ field }) => (field === null ? [] : [{ object: { kind, namespace, name }, field }]));
}

function candidateFields(hosts: FoundExplanation["hosts"]): readonly ObjectField[] {
  const candidates: readonly FoundCandidate[] = hosts.flatMap(({ rules }) => rules);
  return candidates.flatMap(({ claim }) => (claim === null ? [] : [{ object: claim.object, field: claim.field }]));
}

type Placer = (object: ObjectField["object"] | null | undefined, field: string | null) => string | null;

async function placer(fields: readonly ObjectField[], { place }: LoadedManifests): Promise<Placer> {
  const places = await place(fields);
  const known = new Map(fields.map((each, at) => [`${printObject(each.object)} ${each.field}`, places[at] ?? null]));
  return (object, field) => {
    if (object === null || object === undefined || field === null) return null;
    const found = known.get(`${printObject(object)} ${field}`) ?? null;
    return found === null ? null : escapeText(printPlace(found), 1_000);
  };
}
