import type { CelRule, Schema } from "../../src/api/validate/schema.ts";
import { code, origin, writePage, writeTable } from "./markdown.ts";
import type { RouteDefinition } from "./route-definition.ts";
import { routeSchema } from "./route-definition.ts";

/** docs/reference/websocketroute.md: every field with its type, bounds, default, meaning and rules. */
export function writeRouteReference(definition: RouteDefinition): string {
  const schema = routeSchema(definition);
  const { kind, shortNames } = definition.spec.names;
  const version = definition.spec.versions[0];
  const columns = version?.additionalPrinterColumns ?? [];
  return writePage([
    origin("crds/websocketroutes.yaml"),
    `# ${kind}`,
    `${code(`apiVersion: ${definition.spec.group}/${version?.name}`)}, ${code(`kind: ${kind}`)}, short name ${shortNames.map(code).join(", ")}. ${schema.description}`,
    "Unknown fields are errors. Every rule below is judged by the API server, and in the same way by `fairlead serve --manifests`.",
    ...sections(schema.properties ?? {}, "spec"),
    ...sections(schema.properties ?? {}, "status"),
    "## Columns of `kubectl get`",
    writeTable(
      ["Column", "From", "Shown"],
      columns.map((column) => [
        column.name.toUpperCase(),
        code(column.jsonPath),
        (column.priority ?? 0) > 0 ? "with -o wide" : "always",
      ]),
    ),
  ]);
}

function sections(properties: Readonly<Record<string, Schema>>, member: string): string[] {
  const node = properties[member];
  return node === undefined ? [] : section(node, member);
}

/** One section an object, its members in a table; the sections of its object members follow. */
function section(node: Schema, path: string): string[] {
  const members = Object.entries(node.properties ?? {});
  const blocks = [`## ${path}`, node.description ?? ""];
  blocks.push(
    writeTable(
      ["Field", "Type", "Default", "Meaning"],
      members.map(([name, member]) => [
        code(name) + (node.required?.includes(name) === true ? " (required)" : ""),
        describeType(member),
        member.default === undefined ? "" : code(JSON.stringify(member.default)),
        describeMeaning(member),
      ]),
    ),
  );
  const rules = [...(node["x-kubernetes-validations"] ?? [])];
  if (node.minProperties !== undefined) blocks.push(`At least ${node.minProperties} of them must be set.`);
  if (rules.length > 0) blocks.push(rules.map((rule) => `- ${describeRule(rule)}`).join("\n"));
  for (const [name, member] of members) blocks.push(...nested(member, `${path}.${name}`));
  return blocks;
}

function nested(member: Schema, path: string): string[] {
  if (member.type === "object") return section(member, path);
  if (member.items?.type === "object") return section(member.items, `${path}[]`);
  return [];
}

function describeType(node: Schema): string {
  if (node.type === "array") return describeList(node);
  if (node.enum !== undefined) return node.enum.map((value) => code(JSON.stringify(value))).join(", ");
  const bounds = [
    range(node.minLength, node.maxLength, "characters"),
    range(node.minimum, node.maximum, ""),
    node.pattern === undefined ? "" : `matching ${code(node.pattern)}`,
  ].filter((bound) => bound !== "");
  return [node.format ?? node.type, ...bounds].join(", ");
}

function describeList(node: Schema): string {
  const count = range(node.minItems, node.maxItems, "items");
  const items = node.items === undefined || node.items.type === "object" ? "object" : describeType(node.items);
  const keys = node["x-kubernetes-list-map-keys"]?.join(", ");
  const kinds = { set: "without duplicates", map: `unique by ${keys}`, atomic: "" } as const;
  const kind = kinds[node["x-kubernetes-list-type"] ?? "atomic"];
  return [`list of ${count}`, kind, items === "object" ? "" : `each: ${items}`]
    .filter((part) => part !== "")
    .join("; ");
}

function range(low: number | undefined, high: number | undefined, unit: string): string {
  if (low === undefined && high === undefined) return "";
  return `${low ?? 0} to ${high ?? "any number of"} ${unit}`.trim();
}

function describeMeaning(node: Schema): string {
  const own = [node, node.items ?? node].flatMap((part) =>
    part.type === "object" ? [] : (part["x-kubernetes-validations"] ?? []),
  );
  const rules = [...new Set(own)].map((rule) => `It ${rule.message} (${code(rule.rule)}).`);
  const items = node.items?.description === undefined ? "" : `Each: ${node.items.description}`;
  return [node.description ?? "", node.items?.type === "object" ? "" : items, ...rules]
    .filter((part) => part !== "")
    .join(" ");
}

function describeRule(rule: CelRule): string {
  const subject = rule.fieldPath === undefined ? "" : `${code(rule.fieldPath.slice(1))} `;
  return `${subject}${rule.message}: ${code(rule.rule)}`;
}
