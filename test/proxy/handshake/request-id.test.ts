import { describe, expect, it } from "vitest";
import { createRequestIds, readRequestId } from "../../../src/proxy/handshake/request-id.ts";

describe("createRequestIds", () => {
  it("counts within an instance and a worker", () => {
    const next = createRequestIds("pod-a", 3);
    expect([next(), next()]).toEqual(["pod-a-3-1", "pod-a-3-2"]);
  });
});

describe("readRequestId", () => {
  it.each(["a", "7b0c8f1e-6a2d-4a6e-9a50-2c3b2f1d9e11", "Root=1-67891233-abcdef", "a".repeat(128)])(
    "keeps %s",
    (id) => {
      expect(readRequestId([id])).toBe(id);
    },
  );

  it.each([[undefined], [[]], [[""]], [["a", "b"]], [["a b"]], [["a\u001b[31m"]], [["a\u2028"]], [["a".repeat(129)]]])(
    "keeps nothing of %j",
    (values) => {
      expect(readRequestId(values)).toBeNull();
    },
  );
});
