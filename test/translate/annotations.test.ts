import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Problem } from "../../src/base/problem.ts";
import { ANNOTATION_PREFIX, ANNOTATIONS } from "../../src/translate/annotations/index.ts";
import { readAnnotations } from "../../src/translate/annotations/read-annotations.ts";
import { reportTo } from "../../src/translate/findings.ts";
import { translate } from "../../src/translate/translate.ts";
import { readInput } from "./golden/read-input.ts";

function read(annotations: Record<string, string>) {
  const problems: Problem[] = [];
  const report = reportTo(problems, { kind: "Ingress", namespace: "apps", name: "web" });
  return { ...readAnnotations({ name: "web", namespace: "apps", annotations }, report), problems };
}

describe("the table of annotations", () => {
  it("lists each name once, in kebab-case", () => {
    const names = ANNOTATIONS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/u);
  });

  it.each(ANNOTATIONS.map((row) => [row.name, row] as const))(
    "has an example of %s that can be read and changes something",
    (_name, row) => {
      const { problems, settings, refusal } = read({ [ANNOTATION_PREFIX + row.name]: row.example });
      expect(problems).toEqual([]);
      expect(refusal).toBeNull();
      const { name: _unused, ...empty } = { name: "", ...read({}).settings };
      expect(settings).not.toEqual(empty);
    },
  );

  it.each(
    ANNOTATIONS.filter((row) => /^[0-9a-z]+$/u.test(row.default) && row.name !== "allowed-origins").map(
      (row) => [row.name, row] as const,
    ),
  )("states a default of %s that makes no difference", (name, row) => {
    const ingress = (annotations: string) =>
      readInput(`# One Ingress.
{ apiVersion: v1, kind: Service, metadata: { name: chat, namespace: apps }, spec: { ports: [{ port: 443, appProtocol: https }] } }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web, namespace: apps, annotations: {${annotations}} }
spec:
  rules: [{ http: { paths: [{ path: /a, pathType: ImplementationSpecific, backend: { service: { name: chat, port: { number: 443 } } } }] } }]
`);
    const plain = ingress("");
    const written = ingress(`${ANNOTATION_PREFIX}${name}: "${row.default}"`);
    expect(translate(written.view, written.options).tables).toEqual(translate(plain.view, plain.options).tables);
  });

  it("never throws on any value of any row, and says what it expected of those that it cannot read", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("__proto__", "a: b\n".repeat(20_000), ",".repeat(1000)),
    );
    fc.assert(
      fc.property(fc.constantFrom(...ANNOTATIONS), text, (row, value) => {
        const { problems, refusal } = read({ [ANNOTATION_PREFIX + row.name]: value });
        const isUnreadable = problems.length > 0;
        expect(refusal !== null).toBe(isUnreadable && row.onUnreadable === "refuse");
        for (const { message, effect } of problems) {
          expect(message).toMatch(/^Expected .{3,}\.$/u);
          expect(effect).toBe(row.onUnreadable === "refuse" ? "refused" : "ignored");
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("an unknown name", () => {
  const shared = { reason: "InvalidAnnotation", object: { kind: "Ingress", namespace: "apps", name: "web" } };

  it.each(ANNOTATIONS.map(({ name, onUnreadable }) => [name, onUnreadable] as const))(
    "near to %s has the effect of an unreadable value: %s",
    (name, onUnreadable) => {
      for (const written of [`${name}x`, name.slice(0, -1), name.replaceAll("-", "_").toUpperCase()]) {
        const { problems, refusal, unreadable } = read({ [ANNOTATION_PREFIX + written]: "a" });
        const isRefused = onUnreadable === "refuse";
        expect(problems).toMatchObject([{ ...shared, effect: isRefused ? "refused" : "ignored" }]);
        expect(problems[0]?.message).toContain(` Is ${ANNOTATION_PREFIX}${name} meant?`);
        expect(refusal).toBe(isRefused ? `An unknown annotation may mean ${ANNOTATION_PREFIX}${name}.` : null);
        expect([...unreadable]).toEqual(isRefused ? [name] : []);
      }
    },
  );

  it.each(["colour", "allowed", "__proto__", "", "a".repeat(60)])("near to none, %j, is ignored", (name) => {
    const { problems, refusal, unreadable } = read({ [ANNOTATION_PREFIX + name]: "a" });
    expect(problems).toMatchObject([{ ...shared, effect: "ignored", message: expect.not.stringContaining("meant") }]);
    expect([refusal, unreadable.size]).toEqual([null, 0]);
  });

  it("refuses beside the right one", () => {
    const right = { [`${ANNOTATION_PREFIX}allowed-origins`]: "https://a.example" };
    expect(read(right).refusal).toBeNull();
    expect(read({ ...right, [`${ANNOTATION_PREFIX}allow-origins`]: "https://b.example" }).refusal).not.toBeNull();
  });

  it("is not hidden by many others: those that refuse are reported first, and beyond 256 all are taken to refuse", () => {
    const many = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`fairlead.dev/${i}`, ""]));
    const few = read({ ...many(255), [`${ANNOTATION_PREFIX}use-regexp`]: "true" });
    expect(few.problems).toHaveLength(16);
    expect(few.problems[0]).toMatchObject({ effect: "refused", value: "true" });
    expect([...few.unreadable]).toEqual(["use-regex"]);
    expect(read(many(256)).refusal).toBeNull();
    const more = read(many(257));
    expect(more.refusal).not.toBeNull();
    expect(more.problems.filter(({ effect }) => effect === "refused")).toMatchObject([{ value: "257" }]);
    expect(more.unreadable).toContain("match-headers");
  });
});

describe("a value beyond 64 KiB", () => {
  it("is unreadable whatever it says", () => {
    const { problems } = read({ [`${ANNOTATION_PREFIX}drain-reason`]: "a".repeat(65_537) });
    expect(problems.map(({ message, value }) => [message, value.length])).toEqual([
      ["Expected at most 65536 characters.", 120],
    ]);
  });
});
