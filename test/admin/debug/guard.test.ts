import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { createAdminToken } from "../../../src/admin/debug/admin-token.ts";
import { refuseAccess } from "../../../src/admin/debug/guard.ts";

const TOKEN = "0123456789abcdef";

function asking(headers: Readonly<Record<string, string>>): IncomingMessage {
  return { headers, socket: { remoteAddress: "10.0.0.9" } } as unknown as IncomingMessage;
}

async function tokenFile(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "fairlead-token-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, "token");
  await writeFile(file, text);
  return file;
}

describe("without a token", () => {
  const LOCAL = { host: "127.0.0.1:9090" };

  test.each([
    ["127.0.0.1", LOCAL],
    ["::1", { host: "[::1]:9090" }],
    ["127.0.0.1", { host: "LOCALHOST" }],
    ["127.0.0.1", { ...LOCAL, "sec-fetch-site": "none" }],
    ["127.0.0.1", { ...LOCAL, "sec-fetch-site": "same-origin" }],
  ])("on %s, %j may look", async (host, headers) => {
    expect(await refuseAccess(asking(headers), { host, token: null, wrongToken: () => {} })).toBeNull();
  });

  test.each([
    ["0.0.0.0", LOCAL],
    ["::", LOCAL],
    ["10.0.0.7", LOCAL],
    ["127.0.0.1", {}],
    ["127.0.0.1", { host: "evil.example:9090" }],
    ["127.0.0.1", { host: "127.0.0.1.evil.example" }],
    ["127.0.0.1", { host: "localhost.evil.example" }],
    ["127.0.0.1", { ...LOCAL, origin: "http://evil.example" }],
    ["127.0.0.1", { ...LOCAL, origin: "null" }],
    ["127.0.0.1", { ...LOCAL, "sec-fetch-site": "cross-site" }],
    ["127.0.0.1", { ...LOCAL, "sec-fetch-site": "same-site" }],
  ])("on %s, %j may not", async (host, headers) => {
    expect(await refuseAccess(asking(headers), { host, token: null, wrongToken: () => {} })).toMatchObject({
      status: 403,
    });
  });
});

describe("with a token", () => {
  test("who has it may look from anywhere, also when it has changed meanwhile", async () => {
    const file = await tokenFile(`${TOKEN}\n`);
    const access = { host: "::", token: createAdminToken(file), wrongToken: () => {} };
    const asks = (authorization: string) => refuseAccess(asking({ authorization, host: "10.0.0.7" }), access);
    expect(await asks(`Bearer ${TOKEN}`)).toBeNull();
    expect(await asks(`bearer  ${TOKEN}`)).toBeNull();
    await writeFile(file, "another-token-of-today");
    expect(await asks(`Bearer ${TOKEN}`)).toMatchObject({ status: 401 });
    expect(await asks("Bearer another-token-of-today")).toBeNull();
  });

  test.each(["", "Bearer", "Bearer 0123456789abcde", `Basic ${TOKEN}`, `Bearer ${TOKEN}0`, `Bearer ${TOKEN} x`, TOKEN])(
    "%j is told what was expected",
    async (authorization) => {
      const access = { host: "127.0.0.1", token: createAdminToken(await tokenFile(TOKEN)), wrongToken: () => {} };
      expect(await refuseAccess(asking({ authorization, host: "localhost" }), access)).toMatchObject({
        status: 401,
        headers: { "WWW-Authenticate": expect.stringContaining('Bearer realm="fairlead"') },
      });
    },
  );

  test.each(["", "short", "two words of it", "x".repeat(5_000)])("a file that holds %j is none", async (text) => {
    const token = createAdminToken(await tokenFile(text));
    await expect(token.check()).rejects.toThrow("expected one token of 16 to 4095 characters");
    await expect(token.accepts(text)).rejects.toThrow("expected one token");
  });

  test("a file that is not there is named, and opens nothing", async () => {
    const token = createAdminToken("/nowhere/token");
    await expect(token.check()).rejects.toThrow("--admin-token-file /nowhere/token: cannot be read: ENOENT");
    await expect(
      refuseAccess(asking({ authorization: "Bearer x" }), { host: "::", token, wrongToken: () => {} }),
    ).rejects.toThrow("ENOENT");
  });
});
