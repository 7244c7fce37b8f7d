import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { systemClock } from "../../src/base/system-clock.ts";
import { createApiClient } from "../../src/kube/api-client.ts";
import type { Connection } from "../../src/kube/connection.ts";
import { type ClusterHints, findConnection } from "../../src/kube/find-connection.ts";
import { connectServiceAccount } from "../../src/kube/service-account.ts";
import { createFakeClock } from "../harness/fake-clock.ts";
import { sentinel } from "../harness/sentinels.ts";
import { startFakeApiServer } from "./fake-api-server.ts";
import { writeKubeconfig } from "./write-kubeconfig.ts";

const NONE: ClusterHints = { kubeconfig: null, context: null, environmentFiles: [], service: null, home: null };

async function list(connection: Connection): Promise<unknown> {
  const client = createApiClient(connection, systemClock);
  onTestFinished(client.close);
  return await client.get("/api/v1/services", new AbortController().signal);
}

async function directory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "fairlead-account-"));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

describe("a kubeconfig", () => {
  it("says where the API server is, by which CA it is known, and who asks", async () => {
    const api = await startFakeApiServer();
    const kubeconfig = await writeKubeconfig(api);
    expect(await list(await findConnection({ ...NONE, kubeconfig }, systemClock))).toMatchObject({ items: [] });
    const environmentFiles = [kubeconfig];
    expect(await list(await findConnection({ ...NONE, environmentFiles }, systemClock))).toMatchObject({ items: [] });
  });

  it("is read again after a 401", async () => {
    const api = await startFakeApiServer();
    const kubeconfig = await writeKubeconfig(api, { token: "old" });
    const connection = await findConnection({ ...NONE, kubeconfig }, systemClock);
    await expect(list(connection)).rejects.toMatchObject({ type: "unauthorized" });
    await writeFile(
      kubeconfig,
      await import("node:fs/promises").then(async (fs) => await fs.readFile(await writeKubeconfig(api))),
    );
    expect(await list(connection)).toMatchObject({ items: [] });
  });

  it.each([
    ["is no YAML", "{ - : x", "cannot be read as a kubeconfig"],
    ["is of another kind", "[]", "no current-context"],
    [
      "names no context",
      JSON.stringify({ clusters: [], contexts: [], users: [] }),
      "no current-context, and no --context",
    ],
  ])("that %s is refused, in words that quote nothing of it", async (_what, text, message) => {
    const kubeconfig = join(await directory(), "config");
    await writeFile(kubeconfig, `${text}\n# ${sentinel("kubeconfig")}`);
    await expect(findConnection({ ...NONE, kubeconfig }, systemClock)).rejects.toThrow(message);
    await expect(findConnection({ ...NONE, kubeconfig }, systemClock)).rejects.not.toThrow(sentinel("kubeconfig"));
  });

  it("has the context that is asked for, or names those that it has", async () => {
    const api = await startFakeApiServer();
    const kubeconfig = await writeKubeconfig(api);
    const found = findConnection({ ...NONE, kubeconfig, context: "nowhere" }, systemClock);
    await expect(found).rejects.toThrow(
      `--context "nowhere": expected a context of ${kubeconfig} with a cluster: test`,
    );
  });

  it("that wants no certificate to be looked at says so", async () => {
    const api = await startFakeApiServer();
    const careful = await writeKubeconfig(api);
    expect(await findConnection({ ...NONE, kubeconfig: careful }, systemClock)).toMatchObject({ isVerified: true });
    const careless = await writeKubeconfig(api, {
      cluster: { "insecure-skip-tls-verify": true },
    });
    const connection = await findConnection({ ...NONE, kubeconfig: careless }, systemClock);
    expect([connection.isVerified, (await connection.credentials()).rejectUnauthorized]).toEqual([false, false]);
  });

  it("sends no credential without TLS, and only to this machine", async () => {
    const api = await startFakeApiServer();
    const near = await writeKubeconfig(api, { server: "http://127.0.0.1:8001" });
    const connection = await findConnection({ ...NONE, kubeconfig: near }, systemClock);
    expect(await connection.credentials()).toEqual({ headers: {} });
    const far = await writeKubeconfig(api, { server: "http://cluster.example.com" });
    await expect(findConnection({ ...NONE, kubeconfig: far }, systemClock)).rejects.toThrow("expected an https URL");
  });
});

describe("a pod", () => {
  it("asks with its ServiceAccount's token, and reads it again when it has rotated", async () => {
    const api = await startFakeApiServer();
    const root = await directory();
    const write = async (token: string): Promise<void> => await writeFile(join(root, "token"), `${token}\n`);
    await writeFile(join(root, "ca.crt"), api.ca);
    await write(api.token);
    const clock = createFakeClock();
    const { port } = new URL(api.url());
    const connection = connectServiceAccount({ host: "127.0.0.1", port, root }, clock);
    expect(await list(connection)).toMatchObject({ items: [] });
    const next = sentinel("next-token");
    await write(next);
    clock.advance(59_999);
    expect(await connection.credentials()).toMatchObject({ headers: { authorization: `Bearer ${api.token}` } });
    clock.advance(1);
    expect(await connection.credentials()).toMatchObject({ headers: { authorization: `Bearer ${next}` } });
    // A token that ended before its time is replaced at once.
    await write(sentinel("last-token"));
    api.setToken(sentinel("last-token"));
    expect(await list(connection)).toMatchObject({ items: [] });
  });

  it("without a token fails with its path, and finds its API server by IPv6, too", async () => {
    const root = await directory();
    const connection = connectServiceAccount({ host: "fd00::1", port: "443", root }, createFakeClock());
    expect(connection.server.origin).toBe("https://[fd00::1]");
    await expect(connection.credentials()).rejects.toMatchObject({
      type: "unauthorized",
      message: expect.stringContaining(root),
    });
  });
});

it("a ServiceAccount comes before ~/.kube/config, unless a context is asked for; without either there is a sentence", async () => {
  const service = { host: "10.96.0.1", port: "443" };
  const connection = await findConnection({ ...NONE, service, home: "/nonexistent" }, systemClock);
  expect(connection.server.origin).toBe("https://10.96.0.1");
  const asked = findConnection({ ...NONE, service, context: "x", home: "/nonexistent" }, systemClock);
  await expect(asked).rejects.toThrow("no cluster is known here: --kubeconfig names a kubeconfig");
});
