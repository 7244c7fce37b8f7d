import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import { DEBUG_PAGES } from "../../../src/admin/debug/debug-pages.ts";
import { ADMIN_COMMANDS } from "../../../src/cli/admin/admin-commands.ts";
import { makeSelfSigned, type PemPair } from "../../../src/cli/self-signed.ts";
import type { FlagTexts } from "../../../src/config/flags.ts";
import { createManifestDirectory } from "../../files/manifest-directory.ts";
import { ingress, manifestText, route, rule, service, tlsSecret } from "../../harness/manifests.ts";
import { type PlaceRun, runInPlace } from "../../harness/run-in-place.ts";
import { keepSecret, sentinel } from "../../harness/sentinels.ts";
import { type RunningApp, startApp } from "../../harness/start-app.ts";
import { startWsBackend } from "../../harness/ws-backend.ts";
import { openWs, type WsClient } from "../../harness/ws-client.ts";

let pair: PemPair;
beforeAll(async () => {
  pair = await makeSelfSigned(["secure.example"]);
  keepSecret(pair.key);
});

type House = {
  readonly app: RunningApp;
  readonly run: (...words: readonly string[]) => Promise<PlaceRun>;
  readonly open: (path: string) => Promise<WsClient>;
};

async function openHouse(flags: FlagTexts = {}): Promise<House> {
  const backend = await startWsBackend();
  const app = await startApp({
    flags,
    files: {
      "all.json": manifestText(
        service("echo", [backend.port]),
        route("chat", [rule("all", "/chat", ["echo"]), rule("lost", "/lost", ["nobody"])]),
        ingress("secure", "secure.example", "echo", { tls: { tls: ["secure.example"] } }),
        tlsSecret("tls", pair),
      ),
    },
  });
  return {
    app,
    run: (...words) => runInPlace([...words, "--admin", `http://127.0.0.1:${app.ports.admin}`]),
    open: (path) => openWs(`ws://127.0.0.1:${app.ports.http}${path}`),
  };
}

describe("fairlead connections and cut", () => {
  test("list what is open, and end one of it", async () => {
    const { run, open } = await openHouse();
    const [first, second] = [await open("/chat/a"), await open("/chat/b")];
    first.socket.send("hello");
    await first.next();
    const { code, out, errors } = await run("connections", "--sort", "bytes");
    expect([code, errors]).toEqual([0, ""]);
    const [titles = "", busiest = "", , empty, counts] = out.split("\n");
    expect(titles.split(/\s+/)).toEqual("ID STATE CLIENT ROUTE ENDPOINT AGE QUIET MESSAGES BYTES QUEUED".split(" "));
    expect(busiest).toMatch(
      /^1 +open +127\.0\.0\.1 +default\/chat\/all +127\.0\.0\.1:\d+ +\S+ +\S+ +1\/1 +11\/7 +0\/0$/,
    );
    expect([empty, counts]).toEqual(["", "2 open, 2 match"]);
    expect((await run("connections", "--limit", "1", "--route", "chat")).out).toContain(
      "2 open, 2 match, 1 are shown\n",
    );
    const json = JSON.parse((await run("connections", "-o", "json")).out) as { connections: { id: number }[] };
    expect(json.connections.map(({ id }) => id)).toEqual([1, 2]);
    expect(parse((await run("connections", "--request-id", "nobody", "-o", "yaml")).out)).toEqual({
      open: 2,
      matched: 0,
      connections: [],
    });

    const cut = await run("cut", "2");
    expect([cut.code, cut.errors]).toEqual([0, ""]);
    expect(cut.out).toMatch(
      /^connection 2 \(\S+\) ended after \d+s: admin, by proxy, clean, Close 1001 to the client\n$/,
    );
    expect((await second.closed).code).toBe(1001);
    expect(first.isOpen()).toBe(true);
    const again = await run("cut", "2", "-o", "json");
    expect([again.code, again.out]).toEqual([1, ""]);
    expect(JSON.parse(again.errors)).toMatchObject({
      errors: [
        {
          code: "ConnectionNotFound",
          message: expect.stringMatching(/^http:\S+ answered 404: no open connection has the id "2"$/) as string,
          help: "docs/reference/cli.md#connectionnotfound",
        },
      ],
    });
    const reset = JSON.parse((await run("cut", "1", "--how", "reset", "-o", "json")).out) as unknown;
    expect(reset).toMatchObject({ id: 1, how: "reset", end: { cause: "admin", clean: false } });
  });

  test.each([
    [["connections", "--min-age", "5"], '--min-age, "5": expected a duration such as 10s or 1h30m'],
    [["connections", "--limit", "0"], '--limit, "0": expected a whole number from 1 to 10000'],
    [["connections", "--admin", "localhost:9090"], "--admin: expected http:// or https:// and a host"],
    [["connections", "--admin", "http://user:word@127.0.0.1:9090"], "--admin: expected http:// or https:// and a host"],
    [["connections", "--admin", "http://127.0.0.1:9090/admin"], "--admin: expected http:// or https:// and a host"],
    [["cut", "all"], "ID: expected an id that fairlead connections lists"],
    [["cut", "../table"], "ID: expected an id that fairlead connections lists"],
    [["cut", "1", "--how", "gently"], '--how, "gently": expected one of close, reset'],
    [["table", "--part", "keys"], '--part, "keys": expected one of routing, endpoints, certificates'],
  ])("%j is a mistake, and nothing is asked", async (words, error) => {
    const { code, out, errors } = await runInPlace(words);
    expect([code, out]).toEqual([2, ""]);
    expect(errors).toContain(`fairlead: error InvalidArgument: ${error}`);
  });
});

describe("fairlead table", () => {
  test("prints ways to rules, endpoints and certificates", async () => {
    const { run } = await openHouse();
    const routing = await run("table");
    expect(routing.code).toBe(0);
    const lines = routing.out.split("\n").map((line) => line.split(/ {3,}/));
    expect(lines).toEqual([
      ["HOST", "MATCH", "ROUTE", "TO"],
      ["secure.example", "PathPrefix /", expect.stringContaining("Ingress default/secure/"), "default/echo:80"],
      ["*", "PathPrefix /chat", "WebSocketRoute default/chat/all", "default/echo:80"],
      ["*", "PathPrefix /lost", "WebSocketRoute default/chat/lost", "refused: 503"],
      [""],
      ["3 of 3"],
      [""],
    ]);
    expect((await run("table", "--limit", "1")).out).toContain("1 of 3; --offset 1 goes on\n");
    expect((await run("table", "--host", "secure.example")).out).toContain("1 of 1\n");
    expect((await run("table", "--part", "endpoints")).out).toMatch(
      /^default\/echo:80 +127\.0\.0\.1:\d+ +ready, serving$/m,
    );
    expect((await run("table", "--part", "certificates")).out).toMatch(
      /^secure\.example +TLSv1\.2 +DNS:secure\.example +\S+Z +default\/tls +([0-9A-F]{2}:){31}[0-9A-F]{2}$/m,
    );
    expect(JSON.parse((await run("table", "-o", "json", "--host", "*")).out)).toMatchObject({ total: 2, next: null });
  });
});

describe("fairlead problems", () => {
  test("prints each at its place, and its exit code says that there are some", async () => {
    const { run, app } = await openHouse();
    const found = await run("problems");
    expect([found.code, found.errors]).toEqual([1, ""]);
    expect(found.out).toMatch(
      /^all\.json:\d+:\d+: WebSocketRoute default\/chat spec\.rules\[1\]\.backendRefs\[0\]\.name BackendNotFound \(refused\): .+\n1 problem, 1 match\n$/,
    );
    expect(await run("problems", "--kind", "Ingress")).toEqual({ code: 0, out: "1 problem, 0 match\n", errors: "" });
    await app.swap(() =>
      app.directory.write({
        "all.json": manifestText(service("echo", [1]), route("chat", [rule("all", "/", ["echo"])])),
      }),
    );
    expect(await run("problems")).toEqual({ code: 0, out: "0 problems, 0 match\n", errors: "" });
  });
});

describe("a replica that cannot be asked", () => {
  test("with a token is asked with it, and without is told of", async () => {
    const directory = await createManifestDirectory();
    const [right, wrong] = [join(directory.root, "right"), join(directory.root, "wrong")];
    await writeFile(right, `${sentinel("the-admin-token")}\n`);
    await writeFile(wrong, `${sentinel("another")} ${sentinel("two-words")}`);
    const { run } = await openHouse({ adminTokenFile: right });
    expect((await run("connections", "--token-file", right)).out).toContain("0 open, 0 match");
    const without = await run("connections");
    expect([without.code, without.out]).toEqual([1, ""]);
    expect(without.errors).toMatch(
      /^fairlead: error TokenExpected: http:\S+ answered 401: expected Authorization: Bearer with the token of --admin-token-file \(--token-file names a file with it\)\n$/,
    );
    expect((await run("problems", "--token-file", wrong)).errors).toBe(
      `fairlead: error InvalidTokenFile: --token-file ${wrong}: expected one token without white space\n`,
    );
    const missing = await run("table", "--token-file", join(directory.root, "missing"));
    expect(missing.errors).toContain("cannot be read: ENOENT");
  });

  test("is named, with the reason", async () => {
    const { port, kill } = await startWsBackend();
    await kill();
    const { code, errors } = await runInPlace(["problems", "--admin", `http://127.0.0.1:${port}`]);
    expect(code).toBe(1);
    expect(errors).toBe(
      `fairlead: error AdminUnreachable: http://127.0.0.1:${port} cannot be asked: connect ECONNREFUSED 127.0.0.1:${port}\n`,
    );
  });

  test.each([
    [200, "<html>", "AdminNotFairlead", "did not answer as Fairlead does (200)"],
    [
      200,
      '{"servedBy":"b"}',
      "AdminNotFairlead",
      'did not answer as Fairlead does (200): expected a JSON object with "connections"',
    ],
    [404, "null", "AdminNotFairlead", "did not answer as Fairlead does (404)"],
    [404, '{"error":"no","code":"__proto__"}', "AdminRefused", "answered 404: no"],
    [302, "", "AdminUnreachable", "cannot be asked"],
  ])("is something else that answers %i %j", async (status, body, errorCode, why) => {
    const server = createServer((_request, response) => {
      response.writeHead(status, { Location: "http://elsewhere.invalid/" });
      response.end(body);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const { port } = server.address() as AddressInfo;
    const { code, errors } = await runInPlace(["connections", "--admin", `http://127.0.0.1:${port}`]);
    expect(code).toBe(1);
    expect(errors).toContain(`fairlead: error ${errorCode}: http://127.0.0.1:${port} ${why}`);
  });
});

test("cut deletes nothing at an address that is not Fairlead's", async () => {
  const methods: (string | undefined)[] = [];
  const backend = await startWsBackend({
    plain: (request, response) => {
      methods.push(request.method);
      response.end('{"id":1,"end":null}');
    },
  });
  const { code, errors } = await runInPlace(["cut", "1", "--admin", `http://127.0.0.1:${backend.port}`]);
  expect([code, methods]).toEqual([1, ["GET"]]);
  expect(errors).toContain("error AdminNotFairlead");
});

test("every parameter of a page under /debug is a flag of the command that asks for it", () => {
  const pages = DEBUG_PAGES.filter(({ path }) => path !== "/debug");
  expect(ADMIN_COMMANDS).toHaveLength(pages.length);
  const flagsOf = (name: string): readonly string[] =>
    ADMIN_COMMANDS.find((row) => row.name === name)?.flags.map(({ usage }) => usage.split(" ")[0] ?? "") ?? [];
  const commands: Readonly<Record<string, string>> = {
    "GET /debug/table": "table",
    "GET /debug/connections": "connections",
    "DELETE /debug/connections/ID": "cut",
    "GET /debug/problems": "problems",
  };
  for (const { method, path, params } of pages) {
    const flags = flagsOf(commands[`${method} ${path}`] ?? "");
    expect(flags).toEqual(["--admin", "--token-file", ...params.map(({ name }) => `--${name}`)]);
  }
});
