import { createPrivateKey, X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import { makeSelfSigned } from "../../src/cli/self-signed.ts";

test("the certificate is for every host name and address, and signed by its own key", async () => {
  const { chain, key } = await makeSelfSigned(["localhost", "*.local.example", "127.0.0.1", "::1"]);
  const certificate = new X509Certificate(chain);
  expect(certificate.subjectAltName).toBe(
    "DNS:localhost, DNS:*.local.example, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1",
  );
  expect(certificate.checkPrivateKey(createPrivateKey(key))).toBe(true);
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  expect(certificate.subject).toBe("CN=localhost");
  expect(certificate.ca).toBe(false);
  expect(certificate.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
  expect(certificate.publicKey.asymmetricKeyDetails).toMatchObject({ namedCurve: "prime256v1" });
});

test("it is valid from a minute ago for 30 days", async () => {
  const nowMs = Date.UTC(2031, 0, 31, 12, 30, 15);
  const { validFromDate, validToDate } = new X509Certificate((await makeSelfSigned(["a"], nowMs)).chain);
  expect(validFromDate.getTime()).toBe(nowMs - 60_000);
  expect(validToDate.getTime()).toBe(nowMs + 30 * 86_400_000);
});

test("no two have a serial number or a key in common", async () => {
  const [left, right] = await Promise.all([makeSelfSigned(["a"]), makeSelfSigned(["a"])]);
  expect(left.key).not.toBe(right.key);
  expect(new X509Certificate(left.chain).serialNumber).not.toBe(new X509Certificate(right.chain).serialNumber);
});

test("many names make a longer certificate, which is still well formed", async () => {
  const names = Array.from({ length: 100 }, (_, at) => `host-${at}.example`);
  const { chain } = await makeSelfSigned(names);
  expect(new X509Certificate(chain).subjectAltName?.split(", ")).toHaveLength(100);
});
