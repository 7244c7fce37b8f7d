import { createPrivateKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { KubernetesSecret } from "../../src/api/core.ts";
import { findFault } from "../../src/api/find-fault.ts";
import { readCertificates, readTlsPair, readTlsSecret } from "../../src/api/tls-secret.ts";
import { makeSelfSigned } from "../../src/cli/self-signed.ts";

const one = await makeSelfSigned(["chat.example.com"]);
const other = await makeSelfSigned(["chat.example.com"]);
/** RSA of 1024 bits: the certificate and its key in one text. */
const weak = readFileSync(new URL("./fixtures/weak-rsa-pair.pem", import.meta.url), "utf8");

describe("a TLS Secret is readable", () => {
  it("if its chain parses and its key is the leaf's", () => {
    const read = readTlsSecret(secretOf(`${one.chain}\n${other.chain}`, one.key));
    expect(read.ok && read.pair.certificates.map((certificate) => certificate.subject)).toEqual([
      "CN=chat.example.com",
      "CN=chat.example.com",
    ]);
    expect(read.ok && read.pair.key.type).toBe("private");
  });

  it("if it is written as text", () => {
    const secret = { ...secretOf("", ""), data: {}, stringData: { "tls.crt": one.chain, "tls.key": one.key } };
    expect(readTlsSecret(secret).ok).toBe(true);
  });
});

describe("nothing is wrong", () => {
  it("with a readable TLS Secret", () => {
    expect(findFault(secretOf(one.chain, one.key))).toBeNull();
  });

  it("with a Secret that is not for TLS, whatever it holds", () => {
    expect(findFault({ ...secretOf("chain", "key"), type: "Opaque" })).toBeNull();
  });

  it("with an object of another kind", () => {
    expect(findFault({ apiVersion: "v1", kind: "Service", metadata: { name: "chat" } })).toBeNull();
  });
});

describe("a TLS Secret is unreadable, and the fault never quotes it", () => {
  const cases: [string, KubernetesSecret, string][] = [
    ["without a chain", { ...secretOf("", ""), data: { "tls.key": "" } }, "tls.crt is missing"],
    ["without a key", { ...secretOf("", ""), data: { "tls.crt": "" } }, "tls.key is missing"],
    ["with text for a chain", secretOf("chain", one.key), "tls.crt holds no PEM certificate"],
    [
      "with a broken certificate",
      secretOf(one.chain.replace("\nMII", "\nAAA"), one.key),
      "tls.crt holds a certificate that cannot be parsed",
    ],
    ["with text for a key", secretOf(one.chain, "key"), "tls.key is not an unencrypted PEM private key"],
    ["with an encrypted key", secretOf(one.chain, encrypted(one.key)), "tls.key is not an unencrypted PEM private key"],
    [
      "with another's key",
      secretOf(one.chain, other.key),
      "tls.key is not the key of the first certificate in tls.crt",
    ],
    [
      "with a key of another type",
      secretOf(one.chain, weak),
      "tls.key is not the key of the first certificate in tls.crt",
    ],
    ["with a short key", secretOf(weak, weak), "tls.key has 1024 bits; expected at least 2048"],
  ];
  it.each(cases)("%s", (_, secret, fault) => {
    expect(readTlsSecret(secret)).toEqual({ ok: false, part: fault.slice(0, 7), fault });
    expect(findFault(secret)).toEqual({ path: ["data", fault.slice(0, 7)], message: fault });
  });

  it("beyond its bounds", () => {
    expect(readTlsPair("x".repeat(262_145), one.key)).toEqual({
      ok: false,
      part: "tls.crt",
      fault: "tls.crt is longer than 262144 characters",
    });
    expect(readTlsPair(one.chain, " ".repeat(65_537))).toMatchObject({ ok: false });
    expect(readCertificates(`${one.chain}\n`.repeat(65))).toEqual({
      ok: false,
      fault: "holds more than 64 certificates",
    });
  });
});

function secretOf(chain: string, key: string): KubernetesSecret {
  const data = { "tls.crt": Buffer.from(chain).toString("base64"), "tls.key": Buffer.from(key).toString("base64") };
  return { apiVersion: "v1", kind: "Secret", metadata: { name: "chat-tls" }, type: "kubernetes.io/tls", data };
}

function encrypted(pem: string): string {
  const options = { format: "pem", type: "pkcs8", cipher: "aes-256-cbc", passphrase: "of no use" } as const;
  return createPrivateKey(pem).export(options);
}
