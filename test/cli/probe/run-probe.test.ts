import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { ProbeResult } from "../../../src/cli/probe/probe-result.ts";
import { makeSelfSigned } from "../../../src/cli/self-signed.ts";
import { manifestText, route, rule, service } from "../../harness/manifests.ts";
import { listenRaw } from "../../harness/raw-backend.ts";
import { runInPlace } from "../../harness/run-in-place.ts";
import { startApp } from "../../harness/start-app.ts";
import { startCli } from "../../harness/start-cli.ts";
import { startWsBackend } from "../../harness/ws-backend.ts";

describe("fairlead probe", () => {
  test("tells people every step, and the verdict last", async () => {
    const backend = await startWsBackend();
    const { code, out, errors } = await runInPlace(["probe", `ws://127.0.0.1:${backend.port}/x`]);
    expect([code, errors]).toEqual([0, ""]);
    const steps = out.match(/^(?:resolve|connect|handshake|ping|echo|close)(?= +[\d.]+ ms )/gm);
    expect(steps).toEqual(["resolve", "connect", "handshake", "ping", "echo", "close"]);
    expect(out).toContain("> GET /x HTTP/1.1");
    expect(out).toContain("< HTTP/1.1 101 Switching Protocols");
    expect(out).toContain("3 of 3 answered, round trip min ");
    expect(out).toMatch(/\nhealthy: every step was done, in [\d.]+ ms\.\n$/);
  });

  test("over TLS shows the certificate; --ca-file decides who is trusted", async () => {
    const backend = await startWsBackend();
    const pair = await makeSelfSigned(["localhost"]);
    const files = {
      "all.json": manifestText(service("echo", [backend.port]), route("r", [rule("all", "/", ["echo"])])),
    };
    const app = await startApp({ files, defaultPair: pair });
    const folder = await mkdtemp(join(tmpdir(), "fairlead-probe-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, "ca.pem"), pair.chain);
    const words = ["probe", "wss://localhost/", "--connect-to", `127.0.0.1:${app.ports.https}`, "--timeout", "15s"];
    const good = await runInPlace([...words, "--ca-file", join(folder, "ca.pem")]);
    expect([good.code, good.errors]).toEqual([0, ""]);
    expect(good.out).toMatch(/verified: trusted, in date, for this name/);
    const bad = await runInPlace(words);
    expect(bad.code).toBe(1);
    expect(bad.out).toMatch(/failed at tls \(CertificateSelfSigned\): the certificate is signed by itself/);
    expect(bad.out).toContain("See docs/reference/probe.md#certificateselfsigned");
    const missing = await runInPlace([...words, "--ca-file", join(folder, "no.pem")]);
    expect([missing.code, missing.out]).toEqual([1, ""]);
    expect(missing.errors).toMatch(/^fairlead: error FileUnreadable: --ca-file .*no\.pem: ENOENT/);
    await writeFile(join(folder, "ca.pem"), "nothing");
    const empty = await runInPlace([...words, "--ca-file", join(folder, "ca.pem")]);
    expect([empty.code, empty.errors]).toEqual([2, expect.stringContaining("--ca-file: expected PEM certificates")]);
  });

  test("hides the credentials that it was given, wherever they come back", async () => {
    const backend = await startWsBackend({
      options: {
        verifyClient: (_info: unknown, done: (ok: boolean, code: number, body: string) => void) =>
          done(false, 401, "s3cret-bearer s3cret-query"),
      },
    });
    const words = [
      "probe",
      `ws://127.0.0.1:${backend.port}/x?token=s3cret-query`,
      "-H",
      "Authorization: Bearer s3cret-bearer",
      "-H",
      "Cookie: a=1; session=s3cret-cookie",
      "-H",
      "X-Harmless: shown",
      "--subprotocol",
      `bearer.${"s3cret".repeat(20)}`,
    ];
    for (const format of ["human", "json", "yaml"]) {
      const { code, out } = await runInPlace([...words, "-o", format]);
      expect(code).toBe(1);
      expect(out).not.toContain("s3cret");
      for (const shown of ["Authorization: [hidden]", "Cookie: [hidden]", "X-Harmless: shown", "/x?[hidden]"]) {
        expect(out).toContain(shown);
      }
    }
  });

  test("prints one document for programs, also when it fails", async () => {
    const backend = await startWsBackend();
    await backend.kill();
    const { code, out } = await runInPlace(["probe", `ws://127.0.0.1:${backend.port}/`, "-o", "json"]);
    const result = JSON.parse(out) as ProbeResult;
    expect([code, result.healthy, result.finding?.code]).toEqual([1, false, "ConnectionRefused"]);
    expect(result.finding?.reference).toBe("docs/reference/probe.md#connectionrefused");
  });

  test("a process of its own waits for a silent server, and exits then", async () => {
    const silent = await listenRaw();
    onTestFinished(silent.close);
    const cli = startCli(["probe", `ws://127.0.0.1:${silent.port}/`, "--timeout", "1s"]);
    expect(await cli.exited).toMatchObject({ code: 1 });
    // On a slow machine another step may be the one that takes too long.
    expect(cli.out.text()).toMatch(/failed at \w+ \(\w+\): .* within 1s/);
  });

  test("does as its flags say", async () => {
    const handshakes: Record<string, unknown>[] = [];
    const backend = await startWsBackend({
      options: { handleProtocols: (offered) => [...offered][1] ?? false },
      connected: (socket, request) => {
        handshakes.push(request.headers);
        socket.on("message", (data, binary) => socket.send(data, { binary }));
      },
    });
    const { code, out } = await runInPlace([
      "probe",
      `http://chat.example/`,
      "--connect-to",
      `127.0.0.1:${backend.port}`,
      "-o",
      "json",
      "--origin",
      "https://ok.example",
      "--subprotocol",
      "a",
      "--subprotocol",
      "b",
      "--pings",
      "0",
      "--no-echo",
      "--no-compression",
      "-H",
      "User-Agent: mine",
      "-H",
      "Host: other.example",
    ]);
    const result = JSON.parse(out) as ProbeResult;
    expect(code).toBe(0);
    expect(result).toMatchObject({ subprotocol: "b", pings: null, echo: null, close: { received: { code: 1000 } } });
    expect(handshakes).toEqual([
      expect.objectContaining({ origin: "https://ok.example", "user-agent": "mine", host: "other.example" }),
    ]);
    expect(handshakes[0]).not.toHaveProperty("sec-websocket-extensions");
  });

  test.each([
    [["chat.example"], "URL: expected a URL that begins with ws://"],
    [["ws://user:s3cret@a/"], "URL: expected"],
    [["ws://a/", "--header", "s3cret"], "--header: expected 'Name: value'"],
    [["ws://a/", "--header", "A: s3cret\r\nB: c"], "--header: expected 'Name: value'"],
    [["ws://a/", "--origin", "a\nb"], "--origin: expected an Origin"],
    [["ws://a/", "--subprotocol", "a,b"], "--subprotocol: expected the name"],
    [["ws://a/", "--pings", "1001"], "--pings: expected a whole number from 0 to 1000"],
    [["ws://a/", "--timeout", "0s"], "--timeout: expected a duration"],
    [["ws://a/", "--connect-to", ":80"], "--connect-to: expected HOST:PORT"],
    [["ws://a/", "--connect-to", "a:0"], "--connect-to: expected HOST:PORT"],
    [["ws://a/", "--server-name", "a b"], "--server-name: expected a DNS name"],
    [["ws://a/", "--message", "x".repeat(70_000)], "--message: expected a text of at most 65536 bytes"],
  ])("answers %j with 2", async (words, message) => {
    const { code, out, errors } = await runInPlace(["probe", ...words]);
    expect([code, out]).toEqual([2, ""]);
    expect(errors).toContain(`fairlead: error InvalidArgument: ${message}`);
    expect(errors).not.toContain("s3cret");
  });
});
