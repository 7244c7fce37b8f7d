import { once } from "node:events";
import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { certificateTable, hostTls, type MadeCertificate, makeCertificate } from "../../harness/make-certificate.ts";
import { startTls } from "./start-listener.ts";

let exact: MadeCertificate;
let wildcard: MadeCertificate;
let fallback: MadeCertificate;
let renewed: MadeCertificate;

beforeAll(async () => {
  [exact, wildcard, fallback, renewed] = (await Promise.all(
    [["a.example"], ["*.b.example"], ["default.example"], ["a.example"]].map((names) => makeCertificate(...names)),
  )) as [MadeCertificate, MadeCertificate, MadeCertificate, MadeCertificate];
});

const table = (changes: Partial<{ fallback: boolean }> = {}) =>
  certificateTable(
    [exact, wildcard, fallback],
    [hostTls("a.example", exact), hostTls("*.b.example", wildcard)],
    changes.fallback === false ? null : hostTls("*", fallback),
  );

async function dial(port: number, servername: string | undefined, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const name = servername === undefined ? {} : { servername };
  const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false, ...name, ...options });
  onTestFinished(() => {
    socket.destroy();
  });
  await once(socket, "secureConnect");
  return socket;
}

function shownBy(socket: TLSSocket): string | undefined {
  return socket.getPeerX509Certificate()?.subjectAltName?.replace("DNS:", "");
}

describe("which certificate is shown", () => {
  test.each([
    ["a.example", "a.example"],
    ["A.EXAMPLE", "a.example"],
    ["x.b.example", "*.b.example"],
    ["x.y.b.example", "default.example"],
    ["unknown.example", "default.example"],
    [undefined, "default.example"],
  ])("for %s it is that of %s", async (servername, shown) => {
    const { port } = await startTls(table());
    expect(shownBy(await dial(port, servername))).toBe(shown);
  });

  test.each(["unknown.example", undefined])(
    "without a fallback, %s is refused with unrecognized_name",
    async (name) => {
      const { port } = await startTls(table({ fallback: false }));
      await expect(dial(port, name)).rejects.toMatchObject({ code: "ERR_SSL_TLSV1_UNRECOGNIZED_NAME" });
    },
  );
});

describe("rotation", () => {
  test.each(["a.example", undefined])(
    "new connections for %s get the new certificate, live ones go on",
    async (name) => {
      const before = certificateTable([exact], [hostTls("a.example", exact)], hostTls("*", exact));
      const after = certificateTable([renewed], [hostTls("a.example", renewed)], hostTls("*", renewed));
      const { port, live } = await startTls(before);
      const old = await dial(port, name);
      live.publish({ certificates: after });
      const young = await dial(port, name);
      expect(old.getPeerX509Certificate()?.fingerprint256).not.toBe(young.getPeerX509Certificate()?.fingerprint256);
      old.write("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n");
      const [answer] = (await once(old, "data")) as [Buffer];
      expect(answer.toString()).toContain("200 OK");
    },
  );
});
