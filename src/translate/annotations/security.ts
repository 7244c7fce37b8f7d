import { allowedOrigins } from "../../policy/allowed-origins.ts";
import type { Annotation } from "./annotation.ts";
import { accept, readList } from "./values.ts";

const MAX_ORIGINS = 64;

/** Who may open a WebSocket. */
export const SECURITY_ANNOTATIONS: readonly Annotation[] = [
  {
    name: "allowed-origins",
    field: "security.allowedOrigins",
    description: "The Origins from which a browser may open a WebSocket, with commas between them.",
    default: "any",
    example: "https://example.com, https://*.example.com",
    onUnreadable: "refuse",
    read: (value) =>
      accept(
        readList(value, isOrigin, MAX_ORIGINS),
        `1 to ${MAX_ORIGINS} origins such as https://*.example.com with commas between them`,
        (origins) => ({ security: { allowedOrigins: origins } }),
      ),
  },
];

function isOrigin(item: string): boolean {
  return allowedOrigins.parse([item]).ok;
}
