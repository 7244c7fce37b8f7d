import { faultOfFieldName, isFieldValue } from "../header-fields.ts";
import { isDnsName } from "../hosts.ts";
import { readPath } from "../paths.ts";
import type { Annotation, IngressSettings } from "./annotation.ts";
import { accept, readLines, readList } from "./values.ts";

const LINES = "1 to 16 lines of `name: value`, none of them a field that frames the message or the handshake";
const NAMES = "1 to 16 header field names with commas between them, none that frames the message or the handshake";

/** What the backend and the client see changed. */
export const REWRITING_ANNOTATIONS: readonly Annotation[] = [
  {
    name: "rewrite-hostname",
    field: "filters.urlRewrite.hostname",
    description: "The Host that the backend sees.",
    default: "",
    example: "chat.internal",
    onUnreadable: "refuse",
    read: (value) =>
      accept(isDnsName(value) ? value : null, "a DNS name in lower case", (hostname) => ({ rewrite: { hostname } })),
  },
  {
    name: "replace-prefix-match",
    field: "filters.urlRewrite.path.replacePrefixMatch",
    description: "Replaces what the path matched, and needs every path to be a prefix.",
    default: "",
    example: "/",
    onUnreadable: "refuse",
    read: (value) => readRewrite(value, (replacePrefixMatch) => ({ rewrite: { replacePrefixMatch } })),
  },
  {
    name: "replace-full-path",
    field: "filters.urlRewrite.path.replaceFullPath",
    description: "Replaces the whole path.",
    default: "",
    example: "/socket",
    onUnreadable: "refuse",
    read: (value) => readRewrite(value, (replaceFullPath) => ({ rewrite: { replaceFullPath } })),
  },
  ...editHeaders("request", "the backend sees"),
  ...editHeaders("response", "the client sees, with a 101 too"),
];

function readRewrite(value: string, settings: (path: string) => IngressSettings): ReturnType<Annotation["read"]> {
  const read = readPath(value);
  return read.ok ? accept(read.path, "", settings) : { ok: false, expected: read.expected };
}

function editHeaders(side: "request" | "response", seen: string): readonly Annotation[] {
  const part = `${side}Headers` as const;
  const field = `filters.${side}HeaderModifier`;
  return [
    {
      name: `${side}-header-set`,
      field: `${field}.set`,
      description: `Sets header fields that ${seen}; one \`name: value\` a line.`,
      default: "",
      example: "x-edge: fairlead",
      onUnreadable: "refuse",
      read: (value) => accept(readLines(value, isField), LINES, (set) => ({ [part]: { set } })),
    },
    {
      name: `${side}-header-add`,
      field: `${field}.add`,
      description: `Adds header fields that ${seen}; one \`name: value\` a line.`,
      default: "",
      example: "via: 1.1 fairlead",
      onUnreadable: "refuse",
      read: (value) => accept(readLines(value, isField), LINES, (add) => ({ [part]: { add } })),
    },
    {
      name: `${side}-header-remove`,
      field: `${field}.remove`,
      description: `Removes header fields that ${seen}; names with commas between them.`,
      default: "",
      example: "x-debug, x-internal",
      onUnreadable: "refuse",
      read: (value) => accept(readList(value, isName), NAMES, (remove) => ({ [part]: { remove } })),
    },
  ];
}

function isField({ name, value }: { readonly name: string; readonly value: string }): boolean {
  return isName(name) && isFieldValue(value);
}

function isName(name: string): boolean {
  return faultOfFieldName(name) === null;
}
