import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createManifestDirectory } from "../files/manifest-directory.ts";
import { askDebug } from "../harness/ask-debug.ts";
import { connectRaw } from "../harness/raw-client.ts";
import { sentinel } from "../harness/sentinels.ts";
import { type RunningApp, startApp } from "../harness/start-app.ts";

const FILES = { "none.yaml": "" };
const TOKEN = sentinel("the-first-token");
const NEXT = sentinel("the-second-token");

/** The status line's number and the body, of a request with exactly these fields. */
async function askRaw(app: RunningApp, fields: readonly string[], line = "GET /debug/table"): Promise<string> {
  const peer = await connectRaw(app.ports.admin);
  await peer.send(`${line} HTTP/1.1\r\n${[...fields, "Connection: close"].join("\r\n")}\r\n\r\n`);
  await peer.ended;
  const [head = "", body = ""] = peer.text().split("\r\n\r\n", 2);
  return `${head.split(" ")[1]} ${/"error": "(.*)"/.exec(body)?.[1] ?? ""}`.trim();
}

it("on loopback /debug is for whoever calls it by a loopback name: a name bound to this machine gets nothing", async () => {
  const app = await startApp({ files: FILES });
  const refused = "403 expected a Host of localhost or a loopback address";
  for (const host of ["localhost", "LOCALHOST:9090", "127.0.0.1:9090", "127.5.0.1", "[::1]:9090"]) {
    expect(await askRaw(app, [`Host: ${host}`])).toBe("200");
  }
  const foreign = [
    "evil.example",
    "evil.example:9090",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "[::2]",
    "10.0.0.1",
    "",
  ];
  for (const host of foreign) expect(await askRaw(app, [`Host: ${host}`])).toBe(refused);
  // What probes and Prometheus ask for goes by any name.
  expect(await askRaw(app, ["Host: 10.0.0.1:9090"], "GET /livez")).toBe("200");
});

it("a page of another origin in a browser of this machine gets nothing, and cuts nothing", async () => {
  const app = await startApp({ files: FILES });
  const host = "Host: localhost:9090";
  const refused = "403 a page of another origin may not ask";
  const cut = "DELETE /debug/connections/1";
  for (const line of ["GET /debug/connections", cut]) {
    for (const field of [
      "Origin: https://evil.example",
      "Origin: null",
      "Origin: http://localhost:3000",
      "Sec-Fetch-Site: cross-site",
      "Sec-Fetch-Site: same-site",
    ]) {
      expect(await askRaw(app, [host, field], line)).toBe(refused);
    }
  }
  expect(await askRaw(app, [host, "Sec-Fetch-Site: none"])).toBe("200");
  expect(await askRaw(app, [host, "Sec-Fetch-Site: same-origin", "Origin: http://localhost:9090"])).toBe("200");
  // The preflight of a DELETE is refused too.
  expect(await askRaw(app, [host], "OPTIONS /debug/connections/1")).toBe("405 expected DELETE");
  const { headers } = await askDebug(app.ports.admin, "/debug");
  expect(headers.get("access-control-allow-origin")).toBeNull();
  expect(headers.get("cross-origin-resource-policy")).toBe("same-origin");
});

it("with --admin-token-file /debug needs the token that is in the file now, and nothing else does", async () => {
  const directory = await createManifestDirectory();
  const file = join(directory.root, "token");
  const write = async (text: string): Promise<void> => {
    await writeFile(`${file}.new`, text);
    await rename(`${file}.new`, file);
  };
  await write(`${TOKEN}\n`);
  const app = await startApp({ files: FILES, flags: { adminTokenFile: file, adminAddress: "0.0.0.0:0" } });
  const ask = async (authorization?: string, path = "/debug/problems"): Promise<readonly unknown[]> => {
    const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
    const { status, headers: fields } = await askDebug(app.ports.admin, path, { headers });
    return [status, fields.get("www-authenticate")];
  };
  expect(await ask()).toEqual([401, 'Bearer realm="fairlead"']);
  expect(await ask(undefined, "/debug/nothing")).toEqual([401, 'Bearer realm="fairlead"']);
  expect(await ask(`Basic ${TOKEN}`)).toEqual([401, 'Bearer realm="fairlead"']);
  expect(await ask(`Bearer ${TOKEN}x`)).toEqual([401, 'Bearer realm="fairlead", error="invalid_token"']);
  expect(await ask(`Bearer ${TOKEN}`)).toEqual([200, null]);
  expect(await ask(`bearer ${TOKEN}`)).toEqual([200, null]);
  await write(NEXT);
  expect(await ask(`Bearer ${TOKEN}`)).toEqual([401, 'Bearer realm="fairlead", error="invalid_token"']);
  expect(await ask(`Bearer ${NEXT}`)).toEqual([200, null]);
  await write("short");
  expect((await ask("Bearer short"))[0]).toBe(503);
  expect((await ask(`Bearer ${NEXT}`))[0]).toBe(503);
  for (const path of ["/livez", "/readyz", "/healthz", "/metrics"]) {
    expect((await fetch(`http://127.0.0.1:${app.ports.admin}${path}`)).status).toBe(200);
  }
  // Not one line for each guess.
  expect(app.log.lines().filter(({ msg }) => msg === "a wrong token for /debug")).toHaveLength(1);
});

it("an admin address that others reach serves no /debug without a token, and says so at the start", async () => {
  const app = await startApp({ files: FILES, flags: { adminAddress: "0.0.0.0:0" } });
  const why = "/debug on an address that is not loopback needs --admin-token-file";
  const { status, json } = await askDebug(app.ports.admin, "/debug/connections");
  expect([status, json]).toEqual([403, { code: "NeedsTokenFile", error: why }]);
  expect((await askDebug(app.ports.admin, "/debug/connections/1", { method: "DELETE" })).status).toBe(403);
  expect(app.log.lines().find(({ msg }) => msg === `${why}: it is closed`)).toMatchObject({ level: "warn" });
});

it.each([
  ["missing", null, "cannot be read: ENOENT"],
  ["empty", "", "expected one token of 16 to 4095 characters without white space"],
  ["several", "0123456789abcdef 0123456789abcdef", "expected one token of 16"],
  ["endless", "a".repeat(5_000), "expected one token of 16"],
] as const)("a token file that is %s refuses the start", async (_name, text, why) => {
  const directory = await createManifestDirectory();
  const file = join(directory.root, "token");
  if (text !== null) await writeFile(file, text);
  await expect(startApp({ files: FILES, flags: { adminTokenFile: file } })).rejects.toThrow(
    `--admin-token-file ${file}: ${why}`,
  );
});

it("/debug lists its pages, and the answer to every other path does too", async () => {
  const app = await startApp({ files: FILES });
  const { json } = await askDebug(app.ports.admin, "/debug");
  const pages = json["pages"] as readonly { readonly method: string; readonly path: string }[];
  expect(pages.map(({ method, path }) => `${method} ${path}`)).toEqual([
    "GET /debug",
    "GET /debug/table",
    "GET /debug/connections",
    "DELETE /debug/connections/ID",
    "GET /debug/problems",
  ]);
  expect((await askDebug(app.ports.admin, "/debug/tables")).status).toBe(404);
  const elsewhere = await fetch(`http://127.0.0.1:${app.ports.admin}/`);
  expect((await elsewhere.text()).split("\n")).toEqual(
    expect.arrayContaining(["/livez", "/metrics", "/debug", "/debug/table", "/debug/connections", "/debug/problems"]),
  );
  const head = await fetch(`http://127.0.0.1:${app.ports.admin}/debug/table`, { method: "HEAD" });
  expect([head.status, await head.text()]).toEqual([200, ""]);
  // The data plane has no such page.
  expect((await fetch(`http://127.0.0.1:${app.ports.http}/debug/connections`)).status).toBe(404);
});
