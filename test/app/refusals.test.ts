import { describe, expect, it, onTestFinished } from "vitest";
import type { FlagTexts } from "../../src/config/flags.ts";
import { requestBytes } from "../harness/incoming-request.ts";
import { isReport, type LogLine } from "../harness/log-collector.ts";
import { manifestText, route, rule, service } from "../harness/manifests.ts";
import { connectRaw } from "../harness/raw-client.ts";
import { type RunningApp, startApp } from "../harness/start-app.ts";
import { fieldOf } from "../harness/websocket-backend.ts";
import { startWsBackend } from "../harness/ws-backend.ts";

const TOKEN = "SENTINEL-5b1e";

/** An app, and the ids of the requests that its backend got. */
type House = { readonly app: RunningApp; readonly ids: readonly unknown[] };

async function openHouse(flags: FlagTexts = {}): Promise<House> {
  const ids: unknown[] = [];
  const backend = await startWsBackend({
    connected: (_socket, asked) => void ids.push(asked.headers["x-request-id"]),
    plain: (asked, response) => {
      ids.push(asked.headers["x-request-id"]);
      response.end("served");
    },
  });
  const pattern = { matches: [{ path: { type: "RegularExpression", value: "/pattern/(a|b)+" } }] } as const;
  const rules = [
    rule("echo", "/echo", ["echo"]),
    rule("guarded", "/guarded", ["echo"], { security: { allowedOrigins: ["https://a.example"] } }),
    rule("broken", "/broken", ["absent"]),
    rule("empty", "/empty", ["empty"]),
    rule("pattern", "/pattern", ["echo"], pattern),
  ];
  const files = {
    "all.json": manifestText(service("echo", [backend.port]), service("empty", null), route("all", rules)),
  };
  return { ids, app: await startApp({ files, flags }) };
}

/** What a request gets, and the line that is logged of it. */
async function ask({ app }: House, bytes: string): Promise<{ readonly answer: string; readonly line: LogLine }> {
  const client = await connectRaw(app.ports.http);
  onTestFinished(() => {
    client.socket.destroy();
  });
  await client.send(bytes);
  const answer = (await client.until("\r\n\r\n")).toString("latin1");
  client.reset();
  const id = fieldOf(answer, "X-Request-Id");
  return { answer, line: await app.log.lineWhere((line) => isReport(line) && (id === null || line["id"] === id)) };
}

const SECRETS = `Cookie: session=${TOKEN}\r\nAuthorization: Bearer ${TOKEN}\r\n`;
const upgradeTo = (url: string, more = ""): string =>
  requestBytes({ url }).replace(/\r\n\r\n$/, `\r\n${SECRETS}${more}\r\n`);
const getOf = (url: string, more = ""): string => `GET ${url} HTTP/1.1\r\nHost: a.example\r\n${SECRETS}${more}\r\n`;

type Refusal = readonly [path: string, more: string, status: number, failure: string];

const REFUSALS: readonly Refusal[] = [
  ["/nowhere", "", 404, "NoRoute"],
  ["/broken", "", 503, "RouteRefused"],
  ["/empty", "", 503, "NoReadyEndpoint"],
  ["/guarded", "Origin: https://evil.example\r\n", 403, "ForbiddenOrigin"],
  [`/pattern/${"a".repeat(5_000)}`, "", 414, "UriTooLong"],
  ["/echo/a%2fb", "", 400, "BadRequest"],
  ["/echo/%2e%2e/admin", "", 400, "BadRequest"],
  ["http://b.example/echo", "", 400, "BadRequest"],
  ["/echo", "Connection: cookie\r\n", 400, "BadRequest"],
  ["/echo", "Host: b.example\r\n", 400, "BadRequest"],
  // The pages of the admin port are nobody's on this one.
  ["/livez", "", 404, "NoRoute"],
  ["/metrics", "", 404, "NoRoute"],
  ["/debug/table", "", 404, "NoRoute"],
];

const KINDS = [
  { kind: "An upgrade", request: upgradeTo },
  { kind: "A plain request", request: getOf },
] as const;

it.each(KINDS)(
  "$kind that is refused gets its status and its id, and no secret of it is told or logged",
  async ({ request }) => {
    const house = await openHouse();
    for (const [path, more, status, failure] of REFUSALS) {
      const { answer, line } = await ask(house, request(`${path}?token=${TOKEN}`, more));
      expect([path, Number(answer.slice(9, 12))]).toEqual([path, status]);
      expect(line).toMatchObject({ outcome: "refused", status, failure });
      expect(fieldOf(answer, "X-Request-Id")).toBe(line["id"]);
      expect(fieldOf(answer, "Retry-After")).toBe(failure === "NoReadyEndpoint" ? "1" : null);
      expect(answer).not.toContain(TOKEN);
    }
    expect(house.ids).toEqual([]);
    expect(JSON.stringify(house.app.log.lines())).not.toContain(TOKEN);
  },
);

it("A head that cannot be read is answered with the id that it is logged by", async () => {
  const house = await openHouse();
  const heads: readonly (readonly [string, number, string])[] = [
    [upgradeTo("/echo", `X: ${"x".repeat(20_000)}\r\n`), 431, "HeaderFieldsTooLarge"],
    [upgradeTo("/echo", "X: 1\n"), 400, "BadRequest"],
    ["CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n", 405, "MethodNotAllowed"],
  ];
  for (const [bytes, status, failure] of heads) {
    const { answer, line } = await ask(house, bytes);
    expect(Number(answer.slice(9, 12))).toBe(status);
    expect(line).toMatchObject({ outcome: "refused", status, failure });
    expect(fieldOf(answer, "X-Request-Id")).toBe(line["id"]);
  }
  expect(JSON.stringify(house.app.log.lines())).not.toContain(TOKEN);
});

describe.each(KINDS)("The id of a request, $kind", ({ request }) => {
  const claims = "X-Request-Id: outer-7\r\nX-Forwarded-For: 192.0.2.1\r\n";

  it("is ours at the backend and in the log, whatever a stranger claims", async () => {
    const house = await openHouse();
    const { line } = await ask(house, request("/echo", claims));
    expect(line).toMatchObject({ id: expect.stringMatching(/-0-\d+$/), clientAddress: "127.0.0.1" });
    expect(house.ids).toEqual([line["id"]]);
  });

  it("is a trusted peer's own", async () => {
    const house = await openHouse({ trustedProxies: ["127.0.0.0/8"] });
    const { line } = await ask(house, request("/echo", claims));
    expect(line).toMatchObject({ id: "outer-7", clientAddress: "192.0.2.1" });
    expect(house.ids).toEqual(["outer-7"]);
  });
});
