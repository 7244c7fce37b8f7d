import { X509Certificate } from "node:crypto";
import type { RuleName } from "../../base/report.ts";
import type { RequestFacts } from "../../base/request-facts.ts";
import { POLICIES } from "../../policy/index.ts";
import { admit } from "../../proxy/handshake/admit.ts";
import { findRoute, type Indexes, type Route, type RouteSettings } from "../../proxy/handshake/find-route.ts";
import { formatAuthority } from "../../proxy/handshake/read-authority.ts";
import { rewriteTarget } from "../../proxy/handshake/rewrite-target.ts";
import { expectedWinner, explainMatch, type MatchExplanation } from "../../table/explain-match.ts";
import { compileRoutes, findRule } from "../../table/match.ts";
import type { Rule } from "../../table/routing-table.ts";
import { compileHostTls, type HostTlsIndex, selectHostTls } from "../../table/select-host-tls.ts";
import type { Tables } from "../../table/tables.ts";
import { hostText } from "../../translate/hosts.ts";
import { describeCertificate } from "../describe-certificate.ts";
import { escapeText } from "../escape-text.ts";
import { forwarded, refusalOf, refused, refusedName } from "./answers.ts";
import { type AskedRequest, asksForWebSocket, type Question, readFacts, writeHead } from "./ask.ts";
import type { Authors } from "./authors.ts";
import { describeBackends } from "./backends.ts";
import { type FoundCandidate, groupText, judgeGroup } from "./candidates.ts";
import type { ExplainedHost, ExplainedTls, Explanation } from "./explanation.ts";
import { describeSettings, type FoundSetting } from "./settings.ts";

/** An explanation, before it is known in which files its objects are. */
export type FoundExplanation = Omit<Explanation, "rule" | "settings" | "hosts" | "problems" | "unserved"> & {
  readonly rule: RuleName | null;
  readonly settings: readonly FoundSetting[];
  readonly hosts: readonly (Omit<ExplainedHost, "rules"> & { readonly rules: readonly FoundCandidate[] })[];
};

/** What a request is explained by: the tables of one moment, the settings of the process, and who wrote what. */
export type Knowledge = { readonly tables: Tables; readonly settings: RouteSettings; readonly authors: Authors };

/**
 * Why the data plane would answer a request as it would: takes it through the very steps of a handshake up to the pick
 * of an endpoint, dials nothing, and says what each step found. Never throws for what a request may be.
 */
export function explain(question: Question, knowledge: Knowledge): FoundExplanation {
  const { tables, settings } = knowledge;
  const indexes = { routes: compileRoutes(tables.routing, POLICIES), hostTls: compileHostTls(tables.certificates) };
  const asked = writeHead(question, settings.trustedProxies);
  const tls = question.url.secure ? explainTls(indexes.hostTls, question.serverName) : null;
  const way = tls !== null && tls.settingsOf === null ? STOPPED_AT_TLS : follow(asked, indexes, knowledge);
  const answer = tls !== null && tls.settingsOf === null ? refusedName(tls.serverName) : way.answer;
  return {
    request: describeRequest(question, asked, way.facts),
    answer,
    tls,
    rule: way.rule,
    backendRequest: way.backendRequest,
    backends: way.backends,
    settings: way.settings,
    hosts: way.facts === null ? [] : describeHosts(way.facts, indexes, knowledge.authors),
  };
}

/** How far a request came. */
type Way = Pick<FoundExplanation, "answer" | "rule" | "backendRequest" | "backends" | "settings"> & {
  readonly facts: RequestFacts | null;
};

const NOWHERE = { facts: null, rule: null, backendRequest: null, backends: [], settings: [] } as const;
const STOPPED_AT_TLS: Way = { ...NOWHERE, answer: refusedName(null) };

function follow(asked: AskedRequest, indexes: Indexes, knowledge: Knowledge): Way {
  let way: Omit<Way, "answer"> = NOWHERE;
  try {
    const facts = readFacts(asked);
    way = { ...way, facts };
    const route = findRoute(facts, indexes, knowledge.settings, (rule) => {
      way = { ...way, rule, ...settingsOf(rule, facts, indexes, knowledge.authors) };
    });
    const backends = describeBackends(route.forward, knowledge.tables.endpoints);
    way = { ...way, backends };
    admit(route.gates, facts)[Symbol.dispose]();
    const refusal = refusalOf(backends);
    if (refusal !== null) throw refusal;
    return { ...way, answer: forwarded(route.name, backends), backendRequest: requestOf(facts, route) };
  } catch (error) {
    return { ...way, answer: refused(error) };
  }
}

function settingsOf(
  name: RuleName,
  facts: RequestFacts,
  { routes }: Indexes,
  authors: Authors,
): Pick<FoundExplanation, "settings"> {
  const found = findRule(routes, facts);
  const action: Rule["action"] | null = found.type === "Matched" ? found.entry.rule.action : null;
  if (action === null || action.type === "Refuse") return { settings: [] };
  return { settings: describeSettings(action, authors.ruleOf(name)) };
}

function requestOf(facts: RequestFacts, { forward, prefix }: Route): Explanation["backendRequest"] {
  const host = forward.rewrite.hostname ?? formatAuthority(facts);
  const path = rewriteTarget({ ...facts, query: "" }, prefix, forward.rewrite);
  return { host, path: escapeText(path, 4_000) };
}

function explainTls(index: HostTlsIndex, serverName: string | null): ExplainedTls {
  const settings = selectHostTls(index, serverName);
  if (settings === null) return { serverName, settingsOf: null, minVersion: null, certificates: [] };
  const certificates = settings.certificates.flatMap((id) => {
    const chain = index.table.certificates.get(id)?.chain;
    return chain === undefined ? [] : [describeCertificate(new X509Certificate(chain))];
  });
  const settingsHost = settings === index.table.fallback ? "default" : hostText(settings.host);
  return { serverName, settingsOf: settingsHost, minVersion: settings.minVersion, certificates };
}

function describeHosts(facts: RequestFacts, { routes }: Indexes, authors: Authors): FoundExplanation["hosts"] {
  const explanation = explainMatch(routes, facts);
  const winner = winnerOf(explanation);
  return explanation.groups
    .filter(({ host, candidates }) => host !== null || candidates.length > 0)
    .map((group) => ({
      host: groupText(group.host),
      searched: group.searched,
      rules: judgeGroup(group, { facts, authors, winner }),
    }));
}

function winnerOf(explanation: MatchExplanation): Parameters<typeof judgeGroup>[1]["winner"] {
  if (explanation.found.type !== "Matched") return null;
  const candidate = expectedWinner(explanation);
  const group = explanation.groups.find(({ candidates }) => candidate !== null && candidates.includes(candidate));
  return candidate === null || group === undefined ? null : { candidate, host: group.host };
}

function describeRequest(question: Question, { head, caller }: AskedRequest, facts: RequestFacts | null) {
  const { url } = question;
  return {
    method: head.method ?? "",
    webSocket: asksForWebSocket(head),
    secure: url.secure,
    host: facts?.host ?? url.host,
    path: escapeText(facts?.path ?? url.target.replace(/\?.*$/, ""), 4_000),
    clientAddress: caller.clientAddress,
    subprotocols: question.subprotocols,
  };
}
