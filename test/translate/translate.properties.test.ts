import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { View } from "../../src/api/view.ts";
import { normalisePath } from "../../src/proxy/handshake/normalise-path.ts";
import { readPath } from "../../src/translate/paths.ts";
import { translate } from "../../src/translate/translate.ts";
import { EVERY_OBJECT as ALL, corrupt, LISTS, OPTIONS, someView } from "./golden/every-object.ts";
import { printTranslation } from "./golden/print-translation.ts";

const HOSTILE = [
  "",
  "__proto__",
  "constructor",
  "toString",
  "a\r\nb: c",
  "\u0000",
  "\ud800",
  "${x}",
  "*",
  "*.",
  "/",
  "//",
  "/%",
  "/%2e%2e/",
  "(a+)+$",
  "(",
  "[",
  "\\",
  "0s",
  "999999h",
  "-1",
  "https://*.example.com",
  "null",
  "::1",
  "x".repeat(100_000),
  "é".repeat(2000),
] as const;

const hostileText = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: "binary", maxLength: 20 }));
const hostileNumber = fc.oneof(fc.constantFrom(-1, 0, 0.5, 65_536, 1e9, Number.NaN), fc.integer());

describe("translate", () => {
  it("gives the same tables, problems and statuses in whatever order the objects come", () => {
    fc.assert(
      fc.property(someView, fc.infiniteStream(fc.nat()), (view, keys) => {
        const shuffle = <Item>(items: readonly Item[]): Item[] =>
          items
            .map((item) => ({ item, key: keys.next().value }))
            .toSorted((a, b) => a.key - b.key)
            .map(({ item }) => item);
        const shuffled = Object.fromEntries(LISTS.map((list) => [list, shuffle(view[list] as unknown[])]));
        const before = printTranslation(translate(view, OPTIONS));
        expect(printTranslation(translate(shuffled as unknown as View, OPTIONS))).toBe(before);
      }),
      { numRuns: 60 },
    );
  });

  it("gives the same for the same view twice, and changes nothing in it", () => {
    const copy = structuredClone(ALL);
    const once = printTranslation(translate(ALL, OPTIONS));
    expect(printTranslation(translate(ALL, OPTIONS))).toBe(once);
    expect(ALL).toEqual(copy);
  });

  it("never throws, whatever the strings and numbers are, and no route reaches a host that its author did not write", () => {
    fc.assert(
      fc.property(
        someView,
        fc.infiniteStream(fc.nat({ max: 25 })),
        fc.infiniteStream(hostileText),
        fc.infiniteStream(hostileNumber),
        (view, chances, texts, numbers) => {
          const gen = {
            next: () => chances.next().value,
            text: () => texts.next().value,
            number: () => numbers.next().value,
          };
          const hostile = corrupt(view, gen) as View;
          const { tables, problems } = translate(hostile, OPTIONS);
          for (const problem of problems) {
            expect(problem.value.length).toBeLessThanOrEqual(6 * 120);
            expect(problem.message).not.toMatch(/\p{Cc}/u);
          }
          const everywhere = tables.routing.groups
            .filter(({ host }) => host.type === "any")
            .flatMap(({ entries }) => entries);
          const hostless = new Set(
            [
              ...hostile.webSocketRoutes.filter((route) => (route.spec.hostnames ?? []).length === 0),
              ...hostile.ingresses.filter((ingress) =>
                (ingress.spec?.rules ?? []).some(({ host }) => (host ?? "") === ""),
              ),
            ].map(({ metadata }) => `${metadata.namespace}/${metadata.name}`),
          );
          for (const { rule } of everywhere) expect(hostless).toContain(`${rule.name.namespace}/${rule.name.name}`);
        },
      ),
      { numRuns: 150 },
    );
  });

  it("refuses an object that the schema should have kept out, and translates all others", () => {
    const broken = {
      ...ALL.webSocketRoutes[0]!,
      metadata: { name: "broken", namespace: "apps" },
      spec: { rules: null },
    };
    const before = translate(ALL, OPTIONS);
    const after = translate({ ...ALL, webSocketRoutes: [...ALL.webSocketRoutes, broken as never] }, OPTIONS);
    expect(after.tables.routing).toEqual(before.tables.routing);
    const told = after.problems.filter(({ object }) => object.name === "broken");
    expect(told.map(({ reason, effect }) => [reason, effect])).toEqual([["UnsupportedValue", "refused"]]);
    const status = after.statuses.find(({ object }) => object.name === "broken");
    expect(status?.conditions.map(({ type, status: holds }) => `${type} ${holds}`)).toEqual([
      "Accepted False",
      "ResolvedRefs True",
      "Programmed True",
    ]);
  });

  it("makes tables of plain data that other threads can be sent, certificates aside", () => {
    const { routing, endpoints } = translate(ALL, OPTIONS).tables;
    expect(structuredClone(routing)).toEqual(routing);
    expect(structuredClone(endpoints)).toEqual(endpoints);
  });
});

describe("a path in the table", () => {
  const RFC_3986 = fc.constantFrom(
    ..."abcXYZ019-._~!$&'()*+,;=:@/%".split(""),
    "%2F",
    "%7e",
    "%41",
    "%C3%a9",
    "/../",
    "/.",
    "%2e",
  );
  const path = fc.array(RFC_3986, { maxLength: 12 }).map((parts) => `/${parts.join("")}`);

  it("is spelled exactly as the same path in a request, or is refused where the request would be", () => {
    fc.assert(
      fc.property(path, (written) => {
        const read = readPath(written);
        let request: string | null = null;
        try {
          request = normalisePath(written);
        } catch {
          request = null;
        }
        expect(read.ok ? read.path : null).toBe(request);
      }),
      { numRuns: 2000 },
    );
  });
});
