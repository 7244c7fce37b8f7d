import { beforeAll, describe, expect, test } from "vitest";
import { Secret } from "../../../src/base/secret.ts";
import type { CertificateTable, TlsVersion } from "../../../src/table/certificate-table.ts";
import { certificateTable, hostTls, type MadeCertificate, makeCertificate } from "../../harness/make-certificate.ts";
import { beginSession, isAnswered, isResumed, type SessionWay } from "../../harness/resume-session.ts";
import { startTls } from "./start-listener.ts";

let certificate: MadeCertificate;
let renewed: MadeCertificate;
beforeAll(async () => {
  [certificate, renewed] = await Promise.all([makeCertificate("a.example"), makeCertificate("a.example")]);
});

/** A new table each time, as translation makes them; its keys are 48 times one byte. */
function tableWith(keys: number | null, shown = certificate, minVersion: TlsVersion = "TLSv1.2"): CertificateTable {
  const hosts = [hostTls("a.example", shown, minVersion)];
  const ticketKeys = keys === null ? null : new Secret(Buffer.alloc(48, keys).toString("base64"));
  return { ...certificateTable([shown], hosts, hostTls("*", shown)), ticketKeys };
}

const WAYS: readonly SessionWay[] = [
  { servername: "a.example", maxVersion: "TLSv1.3" },
  { servername: "a.example", maxVersion: "TLSv1.2" },
  { maxVersion: "TLSv1.3" },
  { maxVersion: "TLSv1.2" },
];

describe.each(WAYS)("a session for $servername in $maxVersion", (way) => {
  test("goes on at another listener with the same keys", async () => {
    const [first, second] = await Promise.all([startTls(tableWith(1)), startTls(tableWith(1))]);
    const { session } = await beginSession(first.port, way);
    expect(await isResumed(second.port, session, way)).toBe(true);
    expect(await isResumed(first.port, session, way)).toBe(true);
  });

  test.each([
    ["with other keys", 1, 2],
    ["without keys", 1, null],
    ["where neither has keys", null, null],
  ])("begins anew at another listener %s", async (_title, keys, others) => {
    const [first, second] = await Promise.all([startTls(tableWith(keys)), startTls(tableWith(others))]);
    const { session } = await beginSession(first.port, way);
    expect(await isResumed(second.port, session, way)).toBe(false);
  });

  test("goes on at the listener that began it, without keys and through a swap of tables", async () => {
    const { port, live } = await startTls(tableWith(null));
    const { session } = await beginSession(port, way);
    live.publish({ certificates: tableWith(null) });
    expect(await isResumed(port, session, way)).toBe(true);
  });

  test.each([
    ["other", 2],
    ["no", null],
  ])("begins anew after a rotation to %s keys, and no live connection notices", async (_title, next) => {
    const { port, live } = await startTls(tableWith(1));
    const { socket, session } = await beginSession(port, way);
    live.publish({ certificates: tableWith(1) });
    expect(await isResumed(port, session, way)).toBe(true);
    live.publish({ certificates: tableWith(next) });
    expect(await isResumed(port, session, way)).toBe(false);
    expect(await isAnswered(socket)).toBe(true);
    const { session: young } = await beginSession(port, way);
    expect(await isResumed(port, young, way)).toBe(true);
  });

  test("that began after a rotation goes on at a replica that began with the new keys", async () => {
    const [first, second] = await Promise.all([startTls(tableWith(1)), startTls(tableWith(2))]);
    await beginSession(first.port, way);
    first.live.publish({ certificates: tableWith(2) });
    const { session } = await beginSession(first.port, way);
    expect(await isResumed(second.port, session, way)).toBe(true);
  });

  test("keeps the rotated keys when the certificate is renewed", async () => {
    const [first, second] = await Promise.all([startTls(tableWith(1)), startTls(tableWith(2))]);
    await beginSession(first.port, way);
    first.live.publish({ certificates: tableWith(2) });
    await beginSession(first.port, way);
    first.live.publish({ certificates: tableWith(2, renewed) });
    const { session } = await beginSession(first.port, way);
    expect(await isResumed(second.port, session, way)).toBe(true);
  });
});

test("a session of one policy begins anew under another, for the same name and with the same keys", async () => {
  const { port, live } = await startTls(tableWith(1));
  const way = { servername: "a.example" };
  const { session } = await beginSession(port, way);
  live.publish({ certificates: tableWith(1, certificate, "TLSv1.3") });
  expect(await isResumed(port, session, way)).toBe(false);
  const { session: strict } = await beginSession(port, way);
  expect(await isResumed(port, strict, way)).toBe(true);
});
