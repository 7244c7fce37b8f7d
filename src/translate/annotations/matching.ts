import { isMatchedField, isToken, MATCHED_FIELD } from "../header-fields.ts";
import type { Annotation } from "./annotation.ts";
import { accept, readBoolean, readLines, readList, readWord } from "./values.ts";

const MAX_VALUE_LENGTH = 1024;

/** Which requests the paths of an Ingress are for. */
export const MATCHING_ANNOTATIONS: readonly Annotation[] = [
  {
    name: "use-regex",
    field: "",
    description: "Reads paths of pathType ImplementationSpecific as RE2 patterns that must match the whole path.",
    default: "false",
    example: "true",
    onUnreadable: "refuse",
    read: (value) => accept(readBoolean(value), "true or false", (useRegex) => ({ ingress: { useRegex } })),
  },
  {
    name: "match-headers",
    field: "matches.headers",
    description: "Header fields that must all be present with these values; one `name: value` a line.",
    default: "",
    example: "x-tenant: acme",
    onUnreadable: "refuse",
    read: (value) =>
      accept(
        readLines(value, (line) => isMatchedField(line.name) && line.value.length <= MAX_VALUE_LENGTH),
        `1 to 16 lines of \`name: value\`, each name ${MATCHED_FIELD}`,
        (headers) => ({ match: { headers } }),
      ),
  },
  {
    name: "match-query-params",
    field: "matches.queryParams",
    description: "Query parameters that must all be present with these values; one `name: value` a line.",
    default: "",
    example: "v: 2",
    onUnreadable: "refuse",
    read: (value) =>
      accept(
        readLines(value, (line) => isShort(line.name) && line.value.length <= MAX_VALUE_LENGTH),
        "1 to 16 lines of `name: value`",
        (queryParams) => ({ match: { queryParams } }),
      ),
  },
  {
    name: "subprotocols",
    field: "matches.subprotocols",
    description:
      "WebSocket subprotocols of which the client must offer any; the paths then match handshakes only, never ordinary requests.",
    default: "",
    example: "graphql-transport-ws, graphql-ws",
    onUnreadable: "refuse",
    read: (value) =>
      accept(readList(value, isToken), "1 to 16 subprotocols with commas between them", (subprotocols) => ({
        match: { subprotocols },
      })),
  },
  {
    name: "escaped-slashes",
    field: "",
    description: "What becomes of requests with %2F in their path: Keep matches and forwards it, Reject answers 400.",
    default: "Keep",
    example: "Reject",
    onUnreadable: "refuse",
    read: (value) =>
      accept(readWord(value, ["Keep", "Reject"]), "Keep or Reject", (escapedSlashes) => ({
        ingress: { escapedSlashes },
      })),
  },
];

function isShort(name: string): boolean {
  return name.length > 0 && name.length <= 256;
}
