import { describe, expect, it } from "vitest";
import { endpointTable, entryFor, forwardTo, poolBackend, routingTable } from "../../harness/build-table.ts";
import { requestBytes } from "../../harness/incoming-request.ts";
import { listenRaw } from "../../harness/raw-backend.ts";
import { connectRaw } from "../../harness/raw-client.ts";
import { startUpgradeProxy } from "../../harness/upgrade-proxy.ts";
import { readHead } from "../../harness/websocket-backend.ts";
import { takingUpgrades } from "./open-house.ts";

const SEPARATORS = ["/", "//", "\\", "%2f", "%2F", "%5c", "%5C", "%252f", ";/", "%3b/"];
const DOTS = ["..", ".", "%2e%2e", "%2E.", ".%2e", "..;x", "..%3bx", "..%00", "%252e%252e", "...", "..%20", "..%ff"];
const TARGETS = [
  "admin",
  "%61dmin",
  "ADMIN",
  "admin%2f",
  "public",
  "%70ublic",
  "admi%6E",
  "admin;x",
  "admin%3f",
  "admin%23",
];

/** 200 and more ways to write a path that begins as one thing and may be read as another. */
function writings(): readonly string[] {
  const climbs = SEPARATORS.flatMap((separator) =>
    DOTS.map((dots, index) => `/public${separator}${dots}${separator}${TARGETS[index % TARGETS.length]}`),
  );
  const direct = SEPARATORS.flatMap((separator) => TARGETS.map((target) => `${separator}${target}`));
  const below = TARGETS.flatMap((target) => SEPARATORS.map((separator) => `/${target}${separator}x?q=/../admin`));
  return [...climbs, ...direct, ...below];
}

describe("what is matched is what is forwarded", () => {
  it("for over 200 writings of two paths with different protection", async () => {
    const publics = await listenRaw(takingUpgrades);
    const admins = await listenRaw(takingUpgrades);
    const proxy = await startUpgradeProxy({
      routing: routingTable({
        "a.example": [
          entryFor(forwardTo([poolBackend("test/admin:80")]), "/admin"),
          entryFor(forwardTo([poolBackend("test/public:80")]), "/public"),
        ],
      }),
      endpoints: endpointTable({ "test/admin:80": [admins.port], "test/public:80": [publics.port] }),
    });
    const outcomes = { refused: 0, forwarded: 0 };
    try {
      expect(writings().length).toBeGreaterThanOrEqual(200);
      for (const [index, url] of writings().entries()) {
        const client = await connectRaw(proxy.port);
        await client.send(requestBytes({ url, more: [["X-Writing", String(index)]] }));
        const answer = (await client.until("\r\n\r\n")).toString();
        client.reset();
        if (answer.startsWith("HTTP/1.1 101 ")) outcomes.forwarded += 1;
        else outcomes.refused += 1;
      }
      for (const [name, backend] of [
        ["public", publics],
        ["admin", admins],
      ] as const) {
        for (const connection of backend.connections) {
          const [, path = ""] = (await readHead(connection)).split(" ");
          // As the strictest and as the laxest backend would read it: decoded, parameters stripped, slashes merged, climbed.
          for (const reading of [path, laxest(path)]) expect(reading.split("/")[1]?.split(/[;?#]/)[0]).toBe(name);
        }
      }
    } finally {
      await proxy.close();
      await publics.close();
      await admins.close();
    }
    expect(outcomes.forwarded).toBeGreaterThan(20);
    expect(outcomes.refused).toBeGreaterThan(100);
    expect(publics.connections.length + admins.connections.length).toBe(outcomes.forwarded);
  });
});

function laxest(path: string): string {
  const decoded = path.replaceAll(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  const segments: string[] = [];
  for (const segment of decoded.split(/[/\\]+/)) {
    const name = segment.split(";")[0] ?? "";
    if (name === "..") segments.pop();
    else if (name !== "." && name !== "") segments.push(segment);
  }
  return `/${segments.join("/")}`;
}
