import { isCredentialName } from "../../base/credential-names.ts";
import type { Forward, HeaderEdits } from "../../table/routing-table.ts";
import { ANNOTATION_PREFIX } from "../../translate/annotations/index.ts";
import { annotationField } from "../../translate/annotations/report-unknown.ts";
import type { RuleSpec, SourceRule } from "../../translate/source.ts";
import { escapeText } from "../escape-text.ts";
import type { WrittenRule } from "../lint/hints/routes.ts";
import { showDuration } from "../show-duration.ts";
import type { Setting } from "./explanation.ts";

/** A setting, before it is known in which file it is. */
export type FoundSetting = Omit<Setting, "place">;

type Row = {
  readonly name: string;
  readonly value: (forward: Forward, rule: SourceRule | null) => string;
  /** Whether the author wrote it. */
  readonly isWritten: (rule: SourceRule, kind: string) => boolean;
  /** Where, if it was written; as a rule of a WebSocketRoute names it. */
  readonly field?: (rule: SourceRule) => string | null;
};

/** Every setting of a rule, in the order in which a connection meets them. */
const ROWS: readonly Row[] = [
  {
    name: "redirectToHttps",
    value: ({ redirectToHttps }) => (redirectToHttps ? "yes, where the host has a certificate of its own" : "no"),
    isWritten: ({ redirectToHttps }, kind) => kind === "Ingress" && !redirectToHttps,
    field: () => annotationField(`${ANNOTATION_PREFIX}ssl-redirect`),
  },
  {
    name: "escapedSlashes",
    value: ({ escapedSlashes }) => escapedSlashes,
    isWritten: ({ escapedSlashes }, kind) => kind === "Ingress" && escapedSlashes === "Reject",
    field: () => annotationField(`${ANNOTATION_PREFIX}escaped-slashes`),
  },
  {
    name: "security.allowedOrigins",
    value: ({ policies }, rule) =>
      policies.has("allowedOrigins")
        ? (rule?.spec.security?.allowedOrigins ?? ["those that are listed"]).join(", ")
        : "every Origin",
    isWritten: ({ spec }) => spec.security?.allowedOrigins !== undefined,
  },
  ...(["connect", "handshake", "idle", "maxConnectionDuration", "close"] as const).map(
    (name): Row => ({
      name: `timeouts.${name}`,
      value: ({ timeouts }) => limit(timeouts[`${name}Ms`]),
      isWritten: ({ spec }) => spec.timeouts?.[name] !== undefined,
    }),
  ),
  {
    name: "keepalive.pingInterval",
    value: ({ keepalive }) => (keepalive.pingIntervalMs === 0 ? "no Pings" : showDuration(keepalive.pingIntervalMs)),
    isWritten: ({ spec }) => spec.keepalive?.pingInterval !== undefined,
  },
  {
    name: "keepalive.pongTimeout",
    value: ({ keepalive }) => showDuration(keepalive.pongTimeoutMs),
    isWritten: ({ spec }) => spec.keepalive?.pongTimeout !== undefined,
  },
  headerRow("filters.requestHeaders", "requestHeaderModifier", ({ requestHeaders }) => requestHeaders),
  headerRow("filters.responseHeaders", "responseHeaderModifier", ({ responseHeaders }) => responseHeaders),
  {
    name: "filters.rewrite",
    value: ({ rewrite: { path, hostname } }) =>
      [
        ...(path === null ? [] : [`${path.type} ${path.value}`]),
        ...(hostname === null ? [] : [`hostname ${hostname}`]),
      ].join(", ") || "none",
    isWritten: ({ spec }) => memberOf(spec, "urlRewrite", ["hostname", "path"]) !== null,
    field: ({ spec }) => memberOf(spec, "urlRewrite", ["path.replaceFullPath", "path.replacePrefixMatch", "hostname"]),
  },
  {
    name: "drain.code",
    value: ({ drain }) => String(drain.code),
    isWritten: ({ spec }) => spec.drain?.code !== undefined,
  },
  {
    name: "drain.reason",
    value: ({ drain }) => drain.reason,
    isWritten: ({ spec }) => spec.drain?.reason !== undefined,
  },
  {
    name: "drain.window",
    value: ({ drain }) => showDuration(drain.windowMs),
    isWritten: ({ spec }) => spec.drain?.window !== undefined,
  },
  {
    name: "drain.onRouteDeleted",
    value: ({ drain }) => drain.onRouteDeleted,
    isWritten: ({ spec }) => spec.drain?.onRouteDeleted !== undefined,
  },
];

/** The settings of a rule as they are in force, each with the field that says so. */
export function describeSettings(forward: Forward, author: WrittenRule | null): readonly FoundSetting[] {
  return ROWS.map(({ name, value, isWritten, field }) => {
    const shown = escapeText(value(forward, author?.written ?? null), 500);
    const isOwn = author !== null && isWritten(author.written, author.source.object.kind);
    if (!isOwn) return { name, value: shown, field: null };
    const own = field?.(author.written) ?? name;
    return { name, value: shown, field: own.startsWith("metadata.") ? own : author.written.locate(own) };
  });
}

/** 0 stands for no limit, where it may be written. */
function limit(ms: number): string {
  return ms === 0 ? "none" : showDuration(ms);
}

type HeaderFilter = "requestHeaderModifier" | "responseHeaderModifier";

function headerRow(name: string, filter: HeaderFilter, read: (forward: Forward) => HeaderEdits): Row {
  const members = ["set", "add", "remove"];
  return {
    name,
    value: (forward) => edits(read(forward)),
    isWritten: ({ spec }) => memberOf(spec, filter, members) !== null,
    field: ({ spec }) => memberOf(spec, filter, members),
  };
}

/** The first of the members of a filter that is written, as a path from the rule; null if none is. */
function memberOf(spec: RuleSpec, filter: HeaderFilter | "urlRewrite", members: readonly string[]): string | null {
  for (const [index, written] of (spec.filters ?? []).entries()) {
    const member = members.find((path) => isFilled(readPath(written, `${filter}.${path}`)));
    if (member !== undefined) return `filters[${index}].${filter}.${member}`;
  }
  return null;
}

function readPath(value: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((inner, step) => {
    return typeof inner === "object" && inner !== null ? new Map(Object.entries(inner)).get(step) : undefined;
  }, value);
}

function isFilled(value: unknown): boolean {
  return value !== undefined && !(Array.isArray(value) && value.length === 0);
}

function edits({ set, add, remove }: HeaderEdits): string {
  const shown = ([name, value]: readonly [string, string]): string =>
    `${name}: ${isCredentialName(name) ? "[hidden]" : value}`;
  const parts = [
    ...remove.map((name) => `remove ${name}`),
    ...set.map((field) => `set ${shown(field)}`),
    ...add.map((field) => `add ${shown(field)}`),
  ];
  return parts.join("; ") || "none";
}
