import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Schema } from "../../../src/api/validate/schema.ts";
import { WEB_SOCKET_ROUTE_SCHEMA } from "../../../src/api/websocket-route-schema.ts";
import { CODES, type Code } from "../../../src/cli/lint/codes.ts";
import { fieldLink, helpLink } from "../../../src/cli/lint/reference-links.ts";
import { ANNOTATIONS } from "../../../src/translate/annotations/index.ts";
import { PROJECT_ROOT } from "../../harness/start-cli.ts";

/** The anchors of a page: those of its headings, as renderers of Markdown make them, and those that it sets itself. */
function anchorsOf(page: string): ReadonlySet<string> {
  const text = readFileSync(`${PROJECT_ROOT}/${page}`, "utf8");
  const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\p{M}_ -]/gu, "")
      .replaceAll(" ", "-"),
  );
  return new Set([...headings, ...[...text.matchAll(/<a id="([^"]+)">/g)].map(([, id = ""]) => id)]);
}

/** Whether a link leads to a page that is there, and to an anchor of it. */
function leads(link: string | null): boolean {
  const [page = "", anchor] = (link ?? "").split("#");
  const anchors = anchorsOf(page);
  return anchor === undefined || anchors.has(anchor);
}

function fieldsOf(node: Schema, path: string): string[] {
  const members = Object.entries(node.properties ?? {}).flatMap(([name, member]) =>
    fieldsOf(member, `${path}.${name}`),
  );
  const items = node.items === undefined ? [] : fieldsOf(node.items, `${path}[3]`);
  return [path, ...members, ...items];
}

describe("links into the reference", () => {
  test.each(Object.keys(CODES) as Code[])("%s is explained where its link leads", (code) => {
    expect(leads(helpLink(code))).toBe(true);
  });

  test("every field of a WebSocketRoute is described where its link leads", () => {
    const spec = WEB_SOCKET_ROUTE_SCHEMA.properties?.["spec"];
    const fields = spec === undefined ? [] : fieldsOf(spec, "spec");
    expect(fields.length).toBeGreaterThan(80);
    expect(fields.filter((field) => !leads(fieldLink("WebSocketRoute", field)))).toEqual([]);
  });

  test.each([
    ["spec.rules[0].timeouts.idle", "#specrulestimeouts"],
    ["spec.rules[0].timeouts", "#specrulestimeouts"],
    ["spec.rules[0].timeout", "#specrules"],
    ["spec.rules[0].timeout.idle", "#specrules"],
    ["spec.hostnames[1]", "#spec"],
    ["spec.rules[1].matches[0].headers[0].name", "#specrulesmatchesheaders"],
  ])("%s is in the section %s", (field, anchor) => {
    expect(fieldLink("WebSocketRoute", field)).toBe(`docs/reference/websocketroute.md${anchor}`);
  });

  test("every annotation has a place of its own, and unknown ones lead to the page", () => {
    const links = ANNOTATIONS.map(({ name }) => fieldLink("Ingress", `metadata.annotations[fairlead.dev/${name}]`));
    expect(links.filter((link) => !link?.includes("#") || !leads(link))).toEqual([]);
    expect(fieldLink("Ingress", "metadata.annotations[fairlead.dev/colour]")).toBe("docs/reference/annotations.md");
  });

  test("what Kubernetes describes has no link", () => {
    expect(fieldLink("Ingress", "spec.rules[0].host")).toBeNull();
    expect(fieldLink("Ingress", "metadata.annotations[example.com/x]")).toBeNull();
    expect(fieldLink("WebSocketRoute", "metadata.name")).toBeNull();
  });
});
