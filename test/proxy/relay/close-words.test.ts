import { expect, test } from "vitest";
import { CLOSE_WORDS, drainWords, type Situation, violationWords } from "../../../src/proxy/relay/close-words.ts";
import { VIOLATIONS } from "../../../src/proxy/relay/frame-rules.ts";

const CODES: readonly (readonly [Situation, number, number])[] = [
  ["drain", 1012, 1001],
  ["endpoint-terminating", 1012, 1001],
  ["shed", 1013, 1001],
  ["lifetime", 1012, 1001],
  ["too-large", 1009, 1001],
  ["client-protocol-error", 1002, 1001],
  ["backend-protocol-error", 1014, 1002],
  ["too-many", 1008, 1001],
  ["policy", 1008, 1001],
  ["token-expired", 1008, 1001],
  ["idle", 1001, 1001],
];

test.each(CODES)("%s tells the client %i and the backend %i.", (situation, client, backend) => {
  expect(CLOSE_WORDS[situation].client.code).toBe(client);
  expect(CLOSE_WORDS[situation].backend.code).toBe(backend);
});

test("A backend that dies without a Close gives the client 1014.", () => {
  expect(CLOSE_WORDS["backend-lost"].client.code).toBe(1014);
});

test("An idle client is told why.", () => {
  expect(CLOSE_WORDS.idle.client.reason).toBe("idle timeout");
});

test("Bad framing names the one who did it: 1002 goes to the sender, and the other hears of it as a gateway's failure.", () => {
  for (const violation of VIOLATIONS) {
    if (violation?.code !== 1002) continue;
    expect(violationWords("client", violation)).toBe(CLOSE_WORDS["client-protocol-error"]);
    expect(violationWords("backend", violation)).toBe(CLOSE_WORDS["backend-protocol-error"]);
  }
});

test("A limit gives the client the code of the limit, whoever went over it.", () => {
  for (const by of ["client", "backend"] as const) {
    expect(violationWords(by, { code: 1009, cause: "limit", detail: "" }).client.code).toBe(1009);
    expect(violationWords(by, { code: 1008, cause: "limit", detail: "" }).client.code).toBe(1008);
  }
});

test("A route's own drain words reach the client, and the backend hears 1001.", () => {
  const words = drainWords({ code: 4000, reason: "back soon" });
  expect(words).toEqual({ client: { code: 4000, reason: "back soon" }, backend: { code: 1001, reason: "" } });
});
