import { expect, it } from "vitest";
import { servedRules } from "../../src/table/served-rules.ts";
import { entryFor, forwardTo, poolBackend, routingTable } from "../harness/build-table.ts";

it("each rule of a table is named once, with every service that it may send to", () => {
  const refused = { type: "Refuse", weight: 1, status: 503, detail: "" } as const;
  const chat = entryFor(forwardTo([poolBackend("a/chat:80"), refused, poolBackend("a/canary:80")]), "/chat");
  const closed = entryFor({ type: "Refuse", status: 503, detail: "" }, "/closed");
  const last = entryFor(forwardTo([poolBackend("a/web:80")]), "/");
  const other = { match: { ...chat.match, subprotocols: ["v2"] }, rule: chat.rule };
  const table = { ...routingTable({ "a.example": [chat, other, closed], "b.example": [chat] }), fallback: [last] };
  expect([...servedRules(table)].map(({ name, services }) => [name.rule, services])).toEqual([
    ["/chat", ["a/chat:80", "a/canary:80"]],
    ["/closed", []],
    ["/", ["a/web:80"]],
  ]);
});
