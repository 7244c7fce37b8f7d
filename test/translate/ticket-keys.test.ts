import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import type { KubernetesSecret } from "../../src/api/core.ts";
import { translate } from "../../src/translate/translate.ts";
import type { Translation } from "../../src/translate/translation.ts";
import { CLUSTER_OPTIONS, readInput } from "./golden/read-input.ts";

const { view: EMPTY } = readInput("");

/** Bytes that are no text: every one of them counts. */
const KEYS = Buffer.from(Array.from({ length: 49 }, (_, index) => 255 - index));

function base64(length: number): { readonly data: Record<string, string> } {
  return { data: { "ticket.key": KEYS.subarray(0, length).toString("base64") } };
}

function translateSecret(parts: Partial<KubernetesSecret> | null): Translation {
  const metadata = { namespace: "edge", name: "tickets" };
  const secrets: KubernetesSecret[] =
    parts === null ? [] : [{ apiVersion: "v1", kind: "Secret", metadata, type: "Opaque", ...parts }];
  return translate({ ...EMPTY, secrets }, { ...CLUSTER_OPTIONS, ticketKeys: metadata });
}

describe("the keys of session tickets", () => {
  it("are the 48 bytes of the Secret, and are printed nowhere", () => {
    const translation = translateSecret(base64(48));
    const { ticketKeys } = translation.tables.certificates;
    const written = KEYS.subarray(0, 48).toString("base64");
    expect(ticketKeys?.reveal()).toBe(written);
    expect(translation.problems).toEqual([]);
    const printed = `${inspect(translation, { depth: null, showHidden: true })}${JSON.stringify(translation)}`;
    expect(printed).not.toContain(written);
    expect(printed).toContain("[secret]");
  });

  it("may be written as text", () => {
    const text = "0123456789abcdef0123456789abcdef0123456789abcdef";
    const { tables, problems } = translateSecret({ stringData: { "ticket.key": text } });
    expect(tables.certificates.ticketKeys?.reveal()).toBe(Buffer.from(text).toString("base64"));
    expect(problems).toEqual([]);
  });

  it.each([
    ["the Secret does not exist", null],
    ["ticket.key is missing", {}],
    ["ticket.key is missing", { data: { "tls.key": "AAAA" } }],
    ["ticket.key has 0 bytes; expected 48", base64(0)],
    ["ticket.key has 47 bytes; expected 48", base64(47)],
    ["ticket.key has 49 bytes; expected 48", base64(49)],
  ])("are each process's own, and that is told, if %s", (fault, parts) => {
    const { tables, problems } = translateSecret(parts);
    expect(tables.certificates.ticketKeys).toBeNull();
    expect(problems).toEqual([
      {
        object: { kind: "Secret", namespace: "edge", name: "tickets" },
        field: "data[ticket.key]",
        value: "",
        reason: "InvalidCertificateRef",
        message: `The keys of session tickets cannot be used: ${fault}. TLS sessions resume on this replica alone.`,
        effect: "ignored",
        ...(parts === null ? { absent: { kind: "Secret", namespace: "edge", name: "tickets" } } : {}),
      },
    ]);
  });

  it("are each process's own, and nothing is told, if no Secret is named", () => {
    const { tables, problems } = translate(EMPTY, CLUSTER_OPTIONS);
    expect(tables.certificates.ticketKeys).toBeNull();
    expect(problems).toEqual([]);
  });
});
