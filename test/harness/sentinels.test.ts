import { describe, expect, it } from "vitest";
import { makeSelfSigned } from "../../src/cli/self-signed.ts";
import {
  expose,
  exposureCounts,
  keepSecret,
  noteSent,
  requireNoFindings,
  sentinel,
  takeFindings,
} from "./sentinels.ts";

/** What is found in a text that came in these pieces. */
function search(...pieces: readonly string[]): readonly string[] {
  const exposed = expose("a page");
  for (const piece of pieces) exposed.add(piece);
  return takeFindings().map(({ where, around }) => `${where}: ${around}`);
}

describe("the search for secrets", () => {
  it.each([
    ["as it was written", `GET /?access_token=${sentinel("query")} 101`],
    ["in other letters", `host: ${sentinel("host").toLowerCase()}`],
    ...[0, 1, 2].map((before) => [
      `in base64, behind ${before} bytes`,
      `Basic ${Buffer.from(`${"u".repeat(before)}${sentinel("password")}`).toString("base64")}`,
    ]),
    ["as any private key", "-----BEGIN EC PRIVATE KEY-----"],
  ])("finds a secret %s", (_how, text) => {
    expect(search(`before ${text} after`)).toEqual([expect.stringContaining(text)]);
    expect(search("before ", text.slice(0, text.length - 3), text.slice(-3), " after")).toHaveLength(1);
  });

  it("finds what comes after a first look, across the place of that look", () => {
    const exposed = expose("a log");
    exposed.add(sentinel("late").slice(0, 5));
    expect(takeFindings()).toEqual([]);
    exposed.add(sentinel("late").slice(5));
    expect(takeFindings()).toHaveLength(1);
    expect(takeFindings()).toEqual([]);
  });

  it("finds a key that was made at run time, any line of it, and in base64 once more", async () => {
    const { chain, key } = await makeSelfSigned(["a.example"]);
    keepSecret(key);
    const [, line = ""] = key.split("\n");
    expect(search(line)).toHaveLength(1);
    expect(search(Buffer.from(key).toString("base64"))).toHaveLength(1);
    expect(search(chain)).toEqual([]);
  });

  it("fails a test whose app tells one, and not the test behind it", () => {
    expose("a log").add(`told ${sentinel("loudly")}`);
    expect(requireNoFindings).toThrow(`a secret is in a log (and in 0 more): "told ${sentinel("loudly")}"`);
    expect(requireNoFindings).not.toThrow();
  });

  it("finds nothing where nothing is", () => {
    expect(
      search("", "101 GET https://a.example/socket, refused: [secret]", Buffer.from("harmless").toString("base64")),
    ).toEqual([]);
  });

  it("counts what was sent with a secret in it", () => {
    const before = exposureCounts().carried;
    noteSent("GET / HTTP/1.1");
    noteSent(`Cookie: ${sentinel("cookie")}`);
    noteSent(Buffer.from(`\0${sentinel("bytes")}`).subarray(1));
    expect(exposureCounts().carried - before).toBe(2);
  });
});
