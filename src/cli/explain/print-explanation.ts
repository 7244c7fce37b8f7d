import { styleText } from "node:util";
import type { ExplainedBackend, ExplainedCandidate, ExplainedHost, ExplainedTls, Explanation } from "./explanation.ts";

/** The most rules of one host that are shown to people; -o json has all of them. */
const MAX_RULES = 20;
const MAX_LISTED = 20;

/** An explanation for people: the answer first, then what led to it, in the order in which it is decided. */
export function printExplanation(explanation: Explanation, colour: boolean): string {
  const bold = (text: string): string => (colour ? styleText("bold", text, { validateStream: false }) : text);
  const sections: readonly (readonly [string, readonly string[]])[] = [
    ["", answerLines(explanation, bold)],
    ["TLS", tlsLines(explanation.tls)],
    ["Backends", backendLines(explanation)],
    ["Settings", settingLines(explanation)],
    ["Rules", ruleSection(explanation)],
    ["Problems of objects that name this host", problemLines(explanation)],
    ["Not served here: of another class", cut(explanation.unserved, "objects")],
  ];
  const shown = sections.filter(([, lines]) => lines.length > 0);
  return `${shown.map(([title, lines]) => printSection(title, lines, bold)).join("\n\n")}\n`;
}

type Bold = (text: string) => string;

function printSection(title: string, lines: readonly string[], bold: Bold): string {
  return title === "" ? lines.join("\n") : [bold(title), ...lines.map((line) => `  ${line}`)].join("\n");
}

function answerLines({ request, answer, rule, backendRequest }: Explanation, bold: Bold): readonly string[] {
  const { method, host, path, webSocket, secure, clientAddress, subprotocols } = request;
  const what = webSocket ? "A WebSocket" : `A plain ${method}`;
  const offer = subprotocols.length === 0 ? "" : `, which offers ${subprotocols.join(", ")}`;
  return [
    `${what} for ${host}${path}, over ${secure ? "TLS" : "plain TCP"}, from ${clientAddress}${offer}.`,
    bold(answer.sentence),
    ...(rule?.place ? [`The rule is written at ${rule.place} (${rule.field ?? ""}).`] : []),
    ...(answer.location === null ? [] : [`It leads to ${answer.location}, with the query as it was.`]),
    ...(answer.advice === "" ? [] : [answer.advice]),
    ...(backendRequest === null
      ? []
      : [`The backend is asked for ${backendRequest.path}, with the Host ${backendRequest.host}.`]),
  ];
}

function tlsLines(tls: ExplainedTls | null): readonly string[] {
  if (tls === null) return [];
  const name = tls.serverName ?? "(none)";
  if (tls.settingsOf === null) return [`server name ${name}: no certificate, and no default certificate`];
  const whose = tls.settingsOf === "default" ? "the default certificate" : `the certificates of ${tls.settingsOf}`;
  return [
    `server name ${name}: ${whose}, ${tls.minVersion ?? ""} or newer`,
    ...tls.certificates.map(
      ({ subject, names, notAfter, fingerprint }) =>
        `${names.join(", ") || subject}, until ${notAfter}, SHA-256 ${fingerprint.slice(0, 23)}...`,
    ),
  ];
}

function backendLines({ backends }: Explanation): readonly string[] {
  return backends.flatMap((backend) => [
    `${`${backend.percent} %`.padStart(6)}  ${shareText(backend)}`,
    ...cut(
      backend.endpoints.map(({ address, state, usable }) => `        ${address} ${state}${usable ? "" : ", not used"}`),
      "endpoints",
    ),
  ]);
}

function shareText({ service, tls, weight, refusal }: ExplainedBackend): string {
  const name = service === null ? "refused" : `${service}${tls ? " over TLS" : ""}`;
  return `${name} (weight ${weight})${refusal === null ? "" : `: ${refusal}`}`;
}

function settingLines({ settings }: Explanation): readonly string[] {
  const width = Math.max(...settings.map(({ name }) => name.length));
  return settings.map(({ name, value, field, place }) => {
    const from = field === null ? "default" : `${field}${place === null ? "" : ` at ${place}`}`;
    return `${name.padEnd(width)}  ${value}  (${from})`;
  });
}

function ruleSection({ hosts, answer }: Explanation): readonly string[] {
  if (hosts.length === 0 && answer.failure === "NoRoute")
    return ["no rules: no object that is served here names this host"];
  return hosts.flatMap((host) => hostLines(host));
}

function hostLines({ host, searched, rules }: ExplainedHost): readonly string[] {
  const shown = rules.toSorted((a, b) => rank(a) - rank(b)).slice(0, MAX_RULES);
  const more = rules.length - shown.length;
  return [
    `host ${host}${searched ? "" : ", which is less specific and is not searched"}`,
    ...(rules.length === 0 ? ["  no rules"] : shown.flatMap((rule) => ruleLines(rule))),
    ...(more === 0 ? [] : [`  and ${more} more that do not answer; -o json has them all`]),
  ];
}

function ruleLines({ object, rule, match, result, because, place }: ExplainedCandidate): readonly string[] {
  const mark = result === "answers" ? ">" : " ";
  const why = result === "answers" ? "answers" : because;
  return [`${mark} ${match}: ${why}`, `    ${object}, rule ${rule}${place === null ? "" : `, ${place}`}`];
}

/** What answers first, then what nearly did; the order within stays that of precedence. */
function rank({ result }: ExplainedCandidate): number {
  return ["answers", "behind", "not searched", "differs"].indexOf(result);
}

function problemLines({ problems }: Explanation): readonly string[] {
  return cut(
    problems.map(({ place, code, message }) => `${place}: ${code}: ${message}`),
    "problems",
  );
}

function cut(lines: readonly string[], what: string): readonly string[] {
  if (lines.length <= MAX_LISTED) return lines;
  return [...lines.slice(0, MAX_LISTED), `and ${lines.length - MAX_LISTED} more ${what}; -o json has them all`];
}
