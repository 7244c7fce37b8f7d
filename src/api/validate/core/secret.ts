import type { KubernetesSecret } from "../../core.ts";
import { describeProblem, type FieldProblem } from "../field-problem.ts";
import { dataKey, dnsSubdomain } from "../names.ts";
import { map } from "../shape.ts";
import type { KindRules } from "./kind-rules.ts";

const maxBytes = 1024 * 1024;
const base64Pattern = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** v1 Secret. No problem ever shows a value of it. */
export const secretRules: KindRules<KubernetesSecret> = {
  checkName: dnsSubdomain,
  shape: { type: "string", immutable: "boolean", data: map("secret"), stringData: map("secret") },
  complete: ({ stringData, ...secret }) => ({
    ...secret,
    type: secret.type ?? "Opaque",
    data: { ...secret.data, ...encodeAll(stringData ?? {}) },
  }),
  judge: (secret) => {
    const entries = Object.entries(secret.data ?? {});
    const problems = entries.flatMap(([key, value]) => judgeEntry(key, value));
    const bytes = entries.reduce((sum, [, value]) => sum + Buffer.byteLength(value, "base64"), 0);
    if (bytes > maxBytes)
      problems.push(describeProblem(["data"], "Too long", `may not be more than ${maxBytes} bytes`));
    return [...problems, ...judgeType(secret)];
  },
};

function encodeAll(texts: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, Buffer.from(text).toString("base64")]));
}

function judgeEntry(key: string, value: string): FieldProblem[] {
  const wrongKey = dataKey(key);
  const path = ["data", key];
  const problems = wrongKey === null ? [] : [describeProblem(path, "Invalid value", wrongKey, key)];
  if (!base64Pattern.test(value.replaceAll(/[\r\n]/g, ""))) {
    problems.push(describeProblem(path, "Invalid value", "must be base64"));
  }
  return problems;
}

function judgeType(secret: KubernetesSecret): readonly FieldProblem[] {
  if (secret.type !== "kubernetes.io/tls") return [];
  return ["tls.crt", "tls.key"].flatMap((key) =>
    secret.data !== undefined && Object.hasOwn(secret.data, key)
      ? []
      : [describeProblem(["data", key], "Required value", "")],
  );
}
