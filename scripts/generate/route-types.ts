import type { Schema } from "../../src/api/validate/schema.ts";

/** Which nodes become types of their own, by path from the root; the rest is written in place. Equal nodes share a name. */
const names: ReadonlyMap<string, string> = new Map([
  [".spec", "WebSocketRouteSpec"],
  [".spec.tls", "WrittenTls"],
  [".spec.tls.certificateRefs[]", "SecretReference"],
  [".spec.rules[]", "WebSocketRouteRule"],
  [".spec.rules[].matches[]", "WebSocketRouteMatch"],
  [".spec.rules[].matches[].path", "WrittenPathMatch"],
  [".spec.rules[].matches[].headers[]", "WrittenFieldMatch"],
  [".spec.rules[].matches[].queryParams[]", "WrittenFieldMatch"],
  [".spec.rules[].filters[]", "WebSocketRouteFilter"],
  [".spec.rules[].filters[].urlRewrite", "WrittenRewrite"],
  [".spec.rules[].filters[].requestHeaderModifier", "HeaderModifier"],
  [".spec.rules[].filters[].responseHeaderModifier", "HeaderModifier"],
  [".spec.rules[].filters[].requestHeaderModifier.set[]", "WrittenHeader"],
  [".spec.rules[].filters[].requestHeaderModifier.add[]", "WrittenHeader"],
  [".spec.rules[].filters[].responseHeaderModifier.set[]", "WrittenHeader"],
  [".spec.rules[].filters[].responseHeaderModifier.add[]", "WrittenHeader"],
  [".spec.rules[].backendRefs[]", "BackendReference"],
  [".spec.rules[].timeouts", "WrittenTimeouts"],
  [".spec.rules[].drain", "WrittenDrain"],
  [".spec.rules[].backendTLS", "WrittenBackendTls"],
  [".spec.rules[].backendTLS.caCertificateRefs[]", "SecretReference"],
  [".spec.rules[].security", "WrittenSecurity"],
  [".status", "WebSocketRouteStatus"],
  [".status.conditions[]", "WrittenCondition"],
]);

const head = `// Generated from crds/websocketroutes.yaml by \`npm run generate\`. Do not edit.
import type { Metadata } from "./core.ts";

/** fairlead.dev/v1alpha1 WebSocketRoute. */
export type WebSocketRoute = {
  readonly apiVersion: "fairlead.dev/v1alpha1";
  readonly kind: "WebSocketRoute";
  readonly metadata: Metadata;
  readonly spec: WebSocketRouteSpec;
  readonly status?: WebSocketRouteStatus;
};
`;

/** The TypeScript types of a WebSocketRoute as users write it: what has a default is optional. */
export function writeRouteTypes(schema: Schema): string {
  const declarations = new Map<string, string>();
  for (const member of ["spec", "status"]) {
    const node = schema.properties?.[member];
    if (node === undefined) throw new Error(`the schema has no ${member}`);
    typeOf(node, `.${member}`, declarations);
  }
  const ordered = [...new Set(names.values())].map((name) => declarations.get(name));
  if (ordered.includes(undefined)) throw new Error("a named node is not in the schema");
  return [head, ...ordered].join("\n");
}

function typeOf(node: Schema, path: string, declarations: Map<string, string>): string {
  const body = bodyOf(node, path, declarations);
  const name = names.get(path);
  if (name === undefined) return body;
  const declaration = `${docstring(node)}export type ${name} = ${body};\n`;
  const known = declarations.get(name);
  if (known !== undefined && withoutDocs(known) !== withoutDocs(declaration)) {
    throw new Error(`${path} differs from the other ${name}`);
  }
  if (known === undefined) declarations.set(name, declaration);
  return name;
}

function bodyOf(node: Schema, path: string, declarations: Map<string, string>): string {
  if (node.enum !== undefined) return node.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (node.type === "object") return objectOf(node, path, declarations);
  if (node.type === "array") return listOf(node, path, declarations);
  return node.type === "integer" ? "number" : node.type;
}

function listOf(node: Schema, path: string, declarations: Map<string, string>): string {
  if (node.items === undefined) throw new Error(`${path} has no items`);
  const item = typeOf(node.items, `${path}[]`, declarations);
  return item.includes("|") ? `readonly (${item})[]` : `readonly ${item}[]`;
}

function objectOf(node: Schema, path: string, declarations: Map<string, string>): string {
  const members = Object.entries(node.properties ?? {}).map(([key, member]) => {
    const mark = node.required?.includes(key) === true ? "" : "?";
    return `${docstring(member)}readonly ${key}${mark}: ${typeOf(member, `${path}.${key}`, declarations)};`;
  });
  return `{\n${members.join("\n")}\n}`;
}

function docstring(node: Schema): string {
  const parts = [node.description ?? "", node.default === undefined ? "" : `Default ${JSON.stringify(node.default)}.`];
  const text = parts.filter((part) => part !== "").join(" ");
  return text === "" ? "" : `/** ${text} */\n`;
}

function withoutDocs(text: string): string {
  return text.replaceAll(/\/\*\*.*?\*\/\n/g, "");
}
