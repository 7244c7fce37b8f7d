import { describe, expect, test } from "vitest";
import { readAuthors } from "../../../src/cli/explain/authors.ts";
import { explain as explainRequest, type FoundExplanation } from "../../../src/cli/explain/explain.ts";
import type { Explanation } from "../../../src/cli/explain/explanation.ts";
import { readQuestion } from "../../../src/cli/explain/read-question.ts";
import { readRoutes } from "../../../src/cli/lint/hints/routes.ts";
import { loadManifests } from "../../../src/cli/load-manifests.ts";
import { makeSelfSigned, type PemPair } from "../../../src/cli/self-signed.ts";
import { trustNobody } from "../../../src/proxy/handshake/trusted-proxies.ts";
import { requestBytes } from "../../harness/incoming-request.ts";
import { ingress, type Manifest, manifestText, route, rule, service, tlsSecret } from "../../harness/manifests.ts";
import { connectRaw } from "../../harness/raw-client.ts";
import { runInPlace, textInput } from "../../harness/run-in-place.ts";
import { startApp } from "../../harness/start-app.ts";
import { startWsBackend } from "../../harness/ws-backend.ts";

async function explain(manifests: readonly Manifest[], ...words: readonly string[]): Promise<Explanation> {
  const { out, errors } = await runInPlace(["explain", ...words, "--manifests", "-", "-o", "json"], {
    input: () => textInput(manifestText(...manifests)),
  });
  expect(errors).toBe("");
  return JSON.parse(out) as Explanation;
}

describe("what explain says", () => {
  const origins = { security: { allowedOrigins: ["https://ok.example"] } };
  const objects = (port: number, pair: PemPair): readonly Manifest[] => [
    service("echo", [port]),
    service("none", null),
    route("main", [
      rule("ws", "/ws", ["echo"]),
      rule("guarded", "/ws/guarded", ["echo"], origins),
      rule("none", "/none", ["none"]),
      rule("broken", "/broken", ["missing"]),
      rule("protocol", "/protocol", ["echo"], {
        matches: [{ path: { type: "PathPrefix", value: "/protocol" }, subprotocols: ["s"] }],
      }),
      rule("pattern", "/pattern", ["echo"], {
        matches: [{ path: { type: "RegularExpression", value: "/pattern/[a-z]+" } }],
      }),
    ]),
    ingress("tls", "tls.example", "echo", { tls: { "tls-pair": ["tls.example"] } }),
    tlsSecret("tls-pair", pair),
  ];

  const requests: readonly (readonly [target: string, fields: Readonly<Record<string, string>>])[] = [
    ["/ws", {}],
    ["/ws/guarded", { Origin: "https://ok.example" }],
    ["/ws/guarded", { Origin: "https://evil.example" }],
    ["/ws/%67uarded/x", { Origin: "https://evil.example" }],
    ["/none", {}],
    ["/broken/x", {}],
    ["/protocol", {}],
    ["/protocol", { "Sec-WebSocket-Protocol": "s" }],
    ["/pattern/abc", {}],
    ["/pattern/ABC", {}],
    [`/pattern/${"a".repeat(3_000)}`, {}],
    ["/nowhere", {}],
    ["/ws/../none", {}],
    ["/ws%", {}],
    ["/ws", { Host: "tls.example" }],
    ["/ws", { Host: "TLS.example.:80" }],
    ["/ws", { Connection: "close" }],
    ["/ws", { Upgrade: "h2c" }],
    ["/ws", { "Sec-WebSocket-Key": "short" }],
    ["/ws", { "Sec-WebSocket-Version": "12" }],
    ["/ws", { Expect: "100-continue" }],
  ];

  test("is what a running Fairlead does", async () => {
    const pair = await makeSelfSigned(["tls.example"]);
    const backend = await startWsBackend({ options: { handleProtocols: (offered) => [...offered][0] ?? false } });
    const app = await startApp({ files: { "all.json": manifestText(...objects(backend.port, pair)) } });
    const ask = await createExplain(objects(backend.port, pair));
    const seen: (readonly unknown[])[] = [];
    const said: (readonly unknown[])[] = [];
    for (const [target, fields] of requests) {
      const { answer, request } = ask(`ws://plain.example${target}`, fields);
      seen.push([target, fields, await askFairlead(app.ports.http, target, fields)]);
      // This backend takes every upgrade, and answers plain requests with 200.
      said.push([target, fields, answer.status ?? (request.webSocket ? 101 : 200)]);
    }
    expect(said).toEqual(seen);
    expect(new Set(seen.map(([, , status]) => status)).size).toBeGreaterThan(8);
  });
});

type Ask = (url: string, fields: Readonly<Record<string, string>>) => Pick<FoundExplanation, "answer" | "request">;

/** What explain says of requests, by manifests that are read once. */
async function createExplain(manifests: readonly Manifest[]): Promise<Ask> {
  const flags = { publicHttpsPort: "443", ingressClass: ["fairlead"] };
  const loaded = await loadManifests(["-"], flags, { input: () => textInput(manifestText(...manifests)) });
  if (!loaded.ok) throw new Error(loaded.errors.join("\n"));
  const { tables } = loaded.manifests.translation;
  const authors = readAuthors(readRoutes(loaded.manifests));
  const settings = { trustedProxies: trustNobody, publicHttpsPort: 443 };
  return (url, fields) => {
    const header = Object.entries(fields).map(([name, value]) => `${name}: ${value}`);
    const read = readQuestion(url, { header });
    if (!read.ok) throw new Error(read.errors.join("\n"));
    return explainRequest(read.question, { tables, settings, authors });
  };
}

async function askFairlead(port: number, url: string, fields: Readonly<Record<string, string>>): Promise<number> {
  const client = await connectRaw(port);
  const own = Object.keys(fields).map((name) => [name, null] as const);
  const change = { Host: "plain.example", ...Object.fromEntries(own) };
  await client.send(requestBytes({ url, change, more: Object.entries(fields) }));
  const head = (await client.until("\r\n\r\n", 15_000)).toString("latin1");
  client.socket.destroy();
  return Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1]);
}

describe("fairlead explain", () => {
  test("shows the first rules of many to people, the answer above all, and every one to programs", async () => {
    const rules = Array.from({ length: 16 }, (_, index) => rule(`r${index}`, `/p${index}`, ["echo"]));
    const routes = ["a", "b", "c"].map((name) => route(name, rules, { hostnames: ["a.example"] }));
    const others = route("others", [rule("all", "/", ["echo"])], { hostnames: ["a.example"] });
    const manifests = [service("echo", [9]), ...routes, others];
    const { out } = await runInPlace(["explain", "ws://a.example/x", "--manifests", "-"], {
      input: () => textInput(manifestText(...manifests)),
    });
    expect(out).toContain("> PathPrefix /: answers");
    expect(out).toContain("and 29 more that do not answer; -o json has them all");
    expect((await explain(manifests, "ws://a.example/x")).hosts[0]?.rules).toHaveLength(49);
  });

  test("names a share of the requests that is refused, which is no failure; all of them is one", async () => {
    const manifests = [
      service("echo", [9]),
      route("r", [rule("all", "/", ["echo", "gone"]), rule("no", "/no", ["gone"])]),
    ];
    const run = (url: string): ReturnType<typeof runInPlace> =>
      runInPlace(["explain", url, "--manifests", "-"], { input: () => textInput(manifestText(...manifests)) });
    const share = await run("ws://a.example/");
    expect([share.code, share.out]).toEqual([0, expect.stringMatching(/50 % {2}refused \(weight 1\): .*gone/)]);
    expect((await run("ws://a.example/no")).code).toBe(1);
  });

  test("names a refused object, which may be the one that was asked about", async () => {
    const broken = route("chat", [rule("all", "/", ["echo"], { timeouts: { idle: "1x" } })], {
      hostnames: ["a.example"],
    });
    const found = await explain([service("echo", [9]), broken], "ws://a.example/");
    expect(found.answer).toMatchObject({ status: 404 });
    expect(found.problems).toMatchObject([{ object: "WebSocketRoute default/chat", code: "InvalidValue" }]);
  });

  test("never shows credentials, queries or what a terminal would obey", async () => {
    const manifests = [service("echo", [9]), route("r", [rule("all", "/", ["echo"])])];
    const { out } = await runInPlace(
      [
        "explain",
        "wss://a.example/%1b?token=s3cret",
        "-H",
        "Authorization: Bearer s3cret",
        "-H",
        "Origin: \u009Bx",
        "--manifests",
        "-",
      ],
      { input: () => textInput(manifestText(...manifests)) },
    );
    expect(out).not.toMatch(/s3cret|\u009B/);
    expect(out).toContain("unrecognized_name");
  });

  test.each([
    [["nonsense", "--manifests", "-"], "fairlead: error InvalidArgument: URL: expected a URL that begins with ws://"],
    [
      ["ws://a/", "--manifests", "-", "-H", "s3cret"],
      "fairlead: error InvalidArgument: --header: expected 'Name: value'",
    ],
    [
      ["ws://a/", "--manifests", "-", "--subprotocol", "a b"],
      "fairlead: error InvalidArgument: --subprotocol: expected the name",
    ],
    [
      ["ws://a/", "--manifests", "-", "--client-address", "x"],
      "fairlead: error InvalidArgument: --client-address: expected an IP address",
    ],
    [
      ["ws://a/", "--manifests", "-", "--method", "G T"],
      "fairlead: error InvalidArgument: --method: expected a method",
    ],
    [
      ["ws://a/", "--manifests", "-", "--origin", "https://\u001B[31m"],
      "fairlead: error InvalidArgument: --origin: expected an Origin",
    ],
    [
      ["wss://a/", "--manifests", "-", "--server-name", "\u001B[31m"],
      "fairlead: error InvalidArgument: --server-name: expected a host name",
    ],
    [
      ["wss://a/", "--manifests", "-", "--server-name", "x".repeat(254)],
      "fairlead: error InvalidArgument: --server-name: expected a host name",
    ],
    [
      ["ws://a/", "--manifests", "-", "--tls-min-version", "1.1"],
      'fairlead: error InvalidArgument: --tls-min-version "1.1": expected one of',
    ],
    [["ws://a/"], "fairlead: error MissingFlag: --manifests: expected a file, a directory, or - for standard input"],
  ])("answers %j with 2 and what was expected", async (words, message) => {
    const { code, out, errors } = await runInPlace(["explain", ...words]);
    expect([code, out]).toEqual([2, ""]);
    expect(errors).toContain(message);
    expect(errors).not.toContain("s3cret");
  });
});
