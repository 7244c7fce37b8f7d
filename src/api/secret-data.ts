import type { KubernetesSecret } from "./core.ts";

/** The decoded bytes of one key of a Secret; null if it is absent. As in Kubernetes, stringData counts before data. */
export function readSecretData({ data, stringData }: KubernetesSecret, key: string): Buffer | null {
  if (stringData !== undefined && Object.hasOwn(stringData, key)) return Buffer.from(stringData[key] ?? "", "utf8");
  if (data === undefined || !Object.hasOwn(data, key)) return null;
  return Buffer.from(data[key] ?? "", "base64");
}
