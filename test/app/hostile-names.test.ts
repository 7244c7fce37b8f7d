import { expect, it, onTestFinished } from "vitest";
import { createManifestDirectory } from "../files/manifest-directory.ts";
import { requestBytes } from "../harness/incoming-request.ts";
import { manifestText, route, rule, service } from "../harness/manifests.ts";
import { listenRaw, type RawBackend } from "../harness/raw-backend.ts";
import { connectRaw, type RawPeer } from "../harness/raw-client.ts";
import { serveByCli } from "../harness/start-cli.ts";
import { readHead, switchingTo } from "../harness/websocket-backend.ts";

const HOSTILE = ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf"];
const LINES = HOSTILE.map((name) => `${name}: polluted\r\n`);

/** Answers each request in the way that its path asks for, with hostile fields in the head and as trailers. */
async function hostileBackend(): Promise<RawBackend> {
  const backend = await listenRaw(async (connection) => {
    const head = await readHead(connection);
    const answers: Record<string, string> = {
      upgrade: switchingTo(
        head,
        HOSTILE.map((name) => `${name}: polluted`),
      ),
      declined: `HTTP/1.1 403 No\r\n${LINES.join("")}Content-Length: 2\r\n\r\nno`,
      plain: `HTTP/1.1 200 OK\r\nConnection: close\r\n${LINES.join("")}Trailer: __proto__\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n${LINES.join("")}\r\n`,
    };
    await connection.send(answers[/^GET \/(\w+)/.exec(head)?.[1] ?? ""] ?? "");
  });
  onTestFinished(backend.close);
  return backend;
}

async function ask(port: number, bytes: string): Promise<RawPeer> {
  const client = await connectRaw(port);
  onTestFinished(() => {
    client.socket.destroy();
  });
  await client.send(bytes);
  return client;
}

it("Fields named like members of objects pass or are dropped, in requests, answers and trailers, and end nothing", async () => {
  const backend = await hostileBackend();
  const directory = await createManifestDirectory();
  const objects = [service("echo", [backend.port]), route("echo", [rule("all", "/", ["echo"])])];
  await directory.write({ "all.json": manifestText(...objects) });
  const server = await serveByCli(directory.root);
  const { http, admin } = server.ports;
  const more = HOSTILE.map((name) => [name, "polluted"] as const);

  const upgraded = await ask(http, requestBytes({ url: "/upgrade?__proto__=1&constructor=2", more }));
  expect((await upgraded.until("valueOf: polluted\r\n\r\n")).toString()).toMatch(/^HTTP\/1\.1 101 /);
  const declined = await ask(http, requestBytes({ url: "/declined", more }));
  expect((await declined.until("\r\n\r\nno")).toString()).toMatch(/^HTTP\/1\.1 403 [^]*\r\nconstructor: polluted\r\n/);
  const plain = await ask(http, `GET /plain HTTP/1.1\r\nHost: a.example\r\n${LINES.join("")}\r\n`);
  expect((await plain.until("ok\r\n0\r\n\r\n")).toString()).toMatch(
    /^HTTP\/1\.1 200 [^]*\r\nconstructor: polluted\r\n/,
  );

  for (const connection of backend.connections) {
    const head = await readHead(connection);
    // A name with an underscore never reaches a backend; the others are ordinary names.
    expect(head).not.toContain("__proto__: ");
    expect(head).toContain("\r\nconstructor: polluted\r\n");
    expect(head).toContain("\r\nhasOwnProperty: polluted\r\n");
  }
  expect(backend.connections).toHaveLength(3);
  for (const host of ["__proto__", "constructor"]) {
    const stranger = await ask(http, `GET /plain HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    expect((await stranger.until("ok")).toString()).toMatch(/^HTTP\/1\.1 200 /);
  }
  expect((await fetch(`http://127.0.0.1:${admin}/livez`)).status).toBe(200);
  expect(server.errors()).toBe("");
});
