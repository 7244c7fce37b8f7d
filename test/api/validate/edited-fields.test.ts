import { describe, expect, test } from "vitest";
import { createValidator } from "../../../src/api/validate/create-validator.ts";
import { HOP_BY_HOP_FIELDS, isEditableField } from "../../../src/base/field-names.ts";

const validate = createValidator({ allowLoopback: true, unknownFields: "refuse" });

const problemsOf = (modifier: object): readonly string[] => {
  const filters = [
    { type: "RequestHeaderModifier", requestHeaderModifier: modifier },
    { type: "ResponseHeaderModifier", responseHeaderModifier: modifier },
  ];
  const verdict = validate("WebSocketRoute", {
    apiVersion: "fairlead.dev/v1alpha1",
    kind: "WebSocketRoute",
    metadata: { name: "chat", namespace: "apps" },
    spec: { rules: [{ name: "all", filters, backendRefs: [{ name: "chat", port: 8080 }] }] },
  });
  return verdict.ok ? [] : verdict.problems.map(({ field, type }) => `${type} ${field.replace(/^.*Modifier\./, "")}`);
};

const modifierOf = (name: string) => ({ set: [{ name, value: "1" }], add: [{ name, value: "1" }], remove: [name] });

describe("the schema knows every field that the proxy would not let a rule edit", () => {
  test.each([...HOP_BY_HOP_FIELDS, "host", "Content-Length", "Sec-WebSocket-Key", "sec-websocket-protocol"])(
    "%s",
    (name) => {
      expect(isEditableField(name)).toBe(false);
      const once = ["Forbidden set[0].name", "Forbidden add[0].name", "Forbidden remove[0]"];
      expect(problemsOf(modifierOf(name))).toEqual([...once, ...once]);
    },
  );

  test.each(["x-edge", "Authorization", "proxy-status", "Origin", "x-sec-websocket-key"])("and not %s", (name) => {
    expect(isEditableField(name)).toBe(true);
    expect(problemsOf(modifierOf(name))).toEqual([]);
  });
});
