import { once } from "node:events";
import { request } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, it, onTestFinished } from "vitest";
import { createManifestDirectory } from "../files/manifest-directory.ts";
import { ingress, manifestText, service } from "../harness/manifests.ts";
import { startApp } from "../harness/start-app.ts";
import { startCli } from "../harness/start-cli.ts";
import { startWsBackend } from "../harness/ws-backend.ts";

const FREE = ["--http-address", "127.0.0.1:0", "--https-address", "127.0.0.1:0", "--admin-address", "127.0.0.1:0"];

async function takePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

async function run(...words: readonly string[]): Promise<{ code: number | null; errors: string; out: string }> {
  const cli = startCli(words);
  const { code } = await cli.exited;
  return { code, errors: cli.errors(), out: cli.out.text() };
}

describe("fairlead serve", () => {
  it.each(["--http-address", "--https-address", "--admin-address"])(
    "ends with 1 and a sentence when the port of %s is in use, and serves nothing meanwhile",
    async (flag) => {
      const { root } = await createManifestDirectory();
      const port = await takePort();
      const { code, errors, out } = await run("serve", "--manifests", root, ...FREE, flag, `127.0.0.1:${port}`);
      expect([code, errors.split("\n").length]).toEqual([1, 2]);
      expect(errors).toMatch(new RegExp(`^fairlead: error AddressInUse: .*127\\.0\\.0\\.1:${port}.*in use`));
      expect(out).not.toContain("ready");
    },
  );

  it("ends with 1 when the directory or kubeconfig does not exist, and with 2 and every mistake when the flags are wrong", async () => {
    const [missing, wrong, unknown, without] = await Promise.all([
      run("serve", "--manifests", "/nonexistent/fairlead", ...FREE),
      run("serve", "--manifests", ".", "--http-address", "here", "--grace-period", "soon", "--log-level", "loud"),
      run("serve", "--manifests", ".", "--no-such-flag"),
      run("serve", "--kubeconfig", "/nonexistent/kubeconfig", ...FREE),
    ]);
    expect([missing.code, wrong.code, unknown.code, without.code]).toEqual([1, 2, 2, 1]);
    expect(missing.errors).toBe(
      "fairlead: error DirectoryUnreadable: /nonexistent/fairlead: the directory cannot be read (ENOENT)\n",
    );
    const lines = wrong.errors.trimEnd().split("\n");
    expect(
      lines.map((line) => /^fairlead: error InvalidArgument: (--[\w-]+) "\w+": expected /.exec(line)?.[1]),
    ).toEqual(["--http-address", "--grace-period", "--log-level"]);
    expect(unknown.errors).toContain("--no-such-flag");
    expect(without.errors).toBe(
      "fairlead: error NoCluster: /nonexistent/kubeconfig cannot be read as a kubeconfig (ENOENT)\n",
    );
    for (const each of [missing, wrong, unknown, without]) expect(`${each.errors}${each.out}`).not.toContain("    at ");
  });
});

describe("The pages of the admin address", () => {
  const PAGES = ["/livez", "/readyz", "/healthz", "/metrics", "/debug", "/debug/table", "/debug/pprof/"];

  it("are never served on a data port, whatever the Host, in whatever form they are asked for", async () => {
    const backend = await startWsBackend({ plain: (_, response) => response.end("the backend's own") });
    const objects = [service("echo", [backend.port]), ingress("echo", "a.example", "echo")];
    const app = await startApp({ files: { "all.json": manifestText(...objects) } });
    const { http, admin } = app.ports;
    for (const page of PAGES) {
      const unrouted = await fetch(`http://127.0.0.1:${http}${page}`);
      expect([page, unrouted.status, await unrouted.text()]).toEqual([
        page,
        404,
        "No route matches this host and path.\n",
      ]);
      for (const path of [page, `http://a.example${page}`]) {
        const sent = request({ host: "127.0.0.1", port: http, path, headers: { host: "a.example" } });
        sent.end();
        const [response] = await once(sent, "response");
        expect([path, response.statusCode, await text(response)]).toEqual([path, 200, "the backend's own"]);
      }
    }
    const own = await Promise.all(PAGES.map(async (page) => (await fetch(`http://127.0.0.1:${admin}${page}`)).status));
    expect(own.slice(0, 3)).toEqual([200, 200, 200]);
    // And the other way round: the admin address routes nothing.
    const routed = await fetch(`http://127.0.0.1:${admin}/`, { headers: { host: "a.example" } });
    expect(routed.status).toBe(404);
    expect(await routed.text()).toContain("/livez\n");
    expect(backend.total()).toBe(0);
  });
});
