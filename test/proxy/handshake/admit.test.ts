import { describe, expect, it } from "vitest";
import type { Gate } from "../../../src/policy/policy.ts";
import { admit } from "../../../src/proxy/handshake/admit.ts";
import { requestFacts } from "../../harness/build-table.ts";

const facts = requestFacts();

function taking(log: string[], name: string): Gate {
  return () => {
    log.push(`${name} takes`);
    return { allowed: true, release: () => log.push(`${name} gives back`) };
  };
}

const refusing: Gate = () => ({ allowed: false, failure: "ForbiddenOrigin", detail: "not from there" });

describe("admit", () => {
  it("asks the gates in order, and disposing of the permit gives back what they took, once", () => {
    const log: string[] = [];
    const permit = admit([taking(log, "first"), () => ({ allowed: true }), taking(log, "second")], facts);
    expect(log).toEqual(["first takes", "second takes"]);
    permit[Symbol.dispose]();
    permit[Symbol.dispose]();
    expect(log).toEqual(["first takes", "second takes", "second gives back", "first gives back"]);
  });

  it("gives back what was taken when a later gate refuses, and asks no further", () => {
    const log: string[] = [];
    const gates = [taking(log, "first"), refusing, taking(log, "never")];
    expect(() => admit(gates, facts)).toThrowError(
      expect.objectContaining({ failure: "ForbiddenOrigin", detail: "not from there" }),
    );
    expect(log).toEqual(["first takes", "first gives back"]);
  });

  it("gives back what was taken when a later gate breaks its promise not to throw", () => {
    const log: string[] = [];
    const broken: Gate = () => {
      throw new Error("broken");
    };
    expect(() => admit([taking(log, "first"), broken], facts)).toThrowError("broken");
    expect(log).toEqual(["first takes", "first gives back"]);
  });

  it("admits to a rule without gates", () => {
    expect(() => admit([], facts)[Symbol.dispose]()).not.toThrow();
  });
});
