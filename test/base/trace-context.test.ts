import { describe, expect, it } from "vitest";
import type { Field } from "../../src/base/request-facts.ts";
import { carryTrace, childContext, readTraceContext } from "../../src/base/trace-context.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const SPAN = "b7ad6b7169203331";
const VALID = `00-${TRACE}-${SPAN}-01`;

describe("the trace context of a request (W3C Trace Context)", () => {
  it.each([
    [VALID, true],
    [`00-${TRACE}-${SPAN}-00`, false],
    [`00-${TRACE}-${SPAN}-03`, true],
    [`00-${TRACE}-${SPAN}-fe`, false],
    [` ${VALID} `, true],
    [`01-${TRACE}-${SPAN}-01-what-comes-later`, true],
    [`cc-${TRACE}-${SPAN}-01`, true],
  ])("is read from %j", (written, sampled) => {
    expect(readTraceContext([["Traceparent", written]])).toEqual({
      traceId: TRACE,
      spanId: SPAN,
      sampled,
      state: null,
      fields: [["Traceparent", written]],
    });
  });

  it.each([
    "",
    "00",
    TRACE,
    `00-${"0".repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${"0".repeat(16)}-01`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${TRACE.slice(1)}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-1`,
    `00-${TRACE}-${SPAN}-0g`,
    `ff-${TRACE}-${SPAN}-01`,
    `${VALID}-more`,
    `01-${TRACE}-${SPAN}-01more`,
    `${VALID},${VALID}`,
    `${VALID}\r\n`.repeat(2),
  ])("is none in %j", (written) => {
    expect(readTraceContext([["traceparent", written]])).toBeNull();
  });

  it("is none where two fields claim to be it, or nothing but a state is there", () => {
    expect(
      readTraceContext([
        ["traceparent", VALID],
        ["Traceparent", VALID],
      ]),
    ).toBeNull();
    expect(readTraceContext([["tracestate", "a=1"]])).toBeNull();
    expect(readTraceContext([])).toBeNull();
  });

  it("has the state of all fields, in their order", () => {
    const fields: readonly Field[] = [
      ["tracestate", "a=1"],
      ["traceparent", VALID],
      ["Tracestate", "b=2,c=3"],
    ];
    expect(readTraceContext(fields)?.state).toBe("a=1,b=2,c=3");
  });
});

describe("carrying a trace", () => {
  const others: readonly Field[] = [
    ["Host", "a.example"],
    ["X-Trace", "1"],
  ];

  it("replaces what was there, and goes on with the state", () => {
    const written: readonly Field[] = [["traceparent", "broken"], ...others, ["TraceState", "a=1"]];
    const child = childContext({ traceId: TRACE, spanId: "1".repeat(16), sampled: true, state: "a=1" });
    expect(carryTrace(written, child)).toEqual([
      ...others,
      ["traceparent", `00-${TRACE}-${"1".repeat(16)}-01`],
      ["tracestate", "a=1"],
    ]);
    expect(carryTrace(written, null)).toEqual(others);
  });

  it("leaves what is valid as it was written, byte for byte", () => {
    const written: readonly Field[] = [
      ...others,
      ["TraceParent", ` ${VALID}`],
      ["tracestate", "a=1"],
      ["tracestate", "b=2"],
    ];
    expect(carryTrace(written, readTraceContext(written))).toEqual(written);
  });

  it("says that a span was not sampled", () => {
    const { fields } = childContext({ traceId: TRACE, spanId: SPAN, sampled: false, state: null });
    expect(fields).toEqual([["traceparent", `00-${TRACE}-${SPAN}-00`]]);
  });
});
