import { expect, test } from "vitest";
import type { Field } from "../../src/base/request-facts.ts";
import { readHandshake } from "../../src/proxy/handshake/read-handshake.ts";
import { compileRoutes, findRule } from "../../src/table/match.ts";
import { entryFor, forwardTo, poolBackend, requestFacts, routingTable } from "../harness/build-table.ts";
import { incomingRequest } from "../harness/incoming-request.ts";

const NAMES = 1_900;
const ROUNDS = 40;

/** The best time of several runs: whatever else the machine does makes a run longer, and none shorter. */
function bestMs(run: () => void): number {
  const times = Array.from({ length: 5 }, () => {
    const begin = performance.now();
    for (let round = 0; round < ROUNDS; round += 1) run();
    return performance.now() - begin;
  });
  return Math.min(...times);
}

/** Reads, and matches by header and query, a handshake with these names in its head and its query. */
function handle(names: readonly string[]): () => void {
  const fields = names.map((name): Field => [name, "1"]);
  const query = `?${names.map((name) => `${name}=1`).join("&")}`;
  const entry = entryFor(forwardTo([poolBackend("test/web:80")]), "/", {
    headers: [{ type: "Exact", name: "wanted", value: "never" }],
    queryParams: [{ type: "Exact", name: "wanted", value: "never" }],
  });
  const routes = compileRoutes(routingTable({ "a.example": [entry] }), []);
  const request = incomingRequest({ more: fields, url: `/${query}` });
  const { arrival } = requestFacts();
  return () => {
    const facts = readHandshake(request, { id: "test", arrival, clientAddress: "192.0.2.1", trace: null }, () => {});
    expect(findRule(routes, facts).type).toBe("NoRule");
  };
}

test("heads full of numbers for names cost what heads full of words do", () => {
  // Far apart, so that tables of any power of two would put them into few of their places, if hashed by value.
  const numbers = Array.from({ length: NAMES }, (_, index) => String((index + 1) * 8_192));
  const words = numbers.map((number) => `w${number}`);
  const [ofWords, ofNumbers] = [bestMs(handle(words)), bestMs(handle(numbers))];
  expect(ofNumbers / ofWords).toBeLessThan(10);
});
