import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parseDocument } from "yaml";
import { findKind } from "../../src/api/kinds.ts";
import { createValidator } from "../../src/api/validate/create-validator.ts";
import type { Verdict } from "../../src/api/validate/validator.ts";

const folder = fileURLToPath(new URL("./corpus/", import.meta.url));
const validate = createValidator({ allowLoopback: false, unknownFields: "refuse" });

describe("every accepted manifest is accepted", () => {
  it.each(manifests("accepted"))("%s", (_, text) => {
    const verdict = judge(text);
    expect(verdict.ok ? [] : verdict.problems).toEqual([]);
  });
});

describe("every refused manifest is refused at the fields that it names, and only there", () => {
  it.each(manifests("refused"))("%s", (_, text) => {
    const verdict = judge(text);
    const problems = verdict.ok ? [] : verdict.problems;
    const expected = expectations(text);
    expect(expected.length).toBeGreaterThan(0);
    expect(new Set(problems.map((problem) => problem.field))).toEqual(new Set(expected.map(({ field }) => field)));
    for (const { field, message } of expected) {
      const said = problems.filter((problem) => problem.field === field).map((problem) => problem.message);
      expect(said.filter((each) => each.includes(message))).not.toEqual([]);
    }
  });
});

describe("what the validator returns", () => {
  it.each(manifests("accepted"))("is accepted again, unchanged: %s", (_, text) => {
    const first = judge(text);
    expect(first.ok).toBe(true);
    const object = first.ok ? first.object : null;
    expect(validate(kindOf(object), object)).toEqual({ ok: true, object });
  });
});

function manifests(verdict: "accepted" | "refused"): [string, string][] {
  const names = readdirSync(`${folder}${verdict}`).sort();
  return names.map((name) => [name, readFileSync(`${folder}${verdict}/${name}`, "utf8")]);
}

function judge(text: string): Verdict {
  const object: unknown = parseDocument(text).toJS();
  return validate(kindOf(object), object);
}

function kindOf(object: unknown): NonNullable<ReturnType<typeof findKind>>["kind"] {
  const { apiVersion, kind } = object as { apiVersion: string; kind: string };
  const row = findKind(apiVersion, kind) ?? findKind("networking.k8s.io/v1", kind);
  if (row === undefined) throw new Error(`${kind} is not watched`);
  return row.kind;
}

function expectations(text: string): { field: string; message: string }[] {
  return [...text.matchAll(/^# expect: (.+?): (.+)$/gmu)].map(([, field = "", message = ""]) => ({ field, message }));
}
