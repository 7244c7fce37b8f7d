import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { FakeApiServer } from "./fake-api-server.ts";

/** What a kubeconfig may differ in. */
export type KubeconfigChoices = {
  readonly server?: string;
  readonly ca?: string;
  readonly token?: string;
  readonly cluster?: Readonly<Record<string, unknown>>;
};

/** The path of a kubeconfig with the one context `test`, which is the current one; removed after the test. */
export async function writeKubeconfig(api: FakeApiServer, choices: KubeconfigChoices = {}): Promise<string> {
  const { server = api.url(), ca = api.ca, token = api.token } = choices;
  const data = Buffer.from(ca).toString("base64");
  const cluster = { server, "certificate-authority-data": data, ...choices.cluster };
  return await writeText({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "test",
    contexts: [{ name: "test", context: { cluster: "fake", user: "reader" } }],
    clusters: [{ name: "fake", cluster }],
    users: [{ name: "reader", user: { token } }],
  });
}

/** JSON is YAML. */
async function writeText(config: unknown): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "fairlead-kubeconfig-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const path = join(directory, "config");
  await writeFile(path, JSON.stringify(config));
  return path;
}
