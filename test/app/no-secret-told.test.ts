import { describe, expect, it } from "vitest";
import { failureNames } from "../../src/observe/outcomes.ts";
import { exposureCounts, takeFindings } from "../harness/sentinels.ts";
import { WAYS } from "./failure-ways.ts";

const REACHED = failureNames().flatMap((failure) => {
  const way = WAYS[failure];
  return way === null ? [] : [{ failure, way }];
});

describe("Threat 23: secrets of a request, in its query and in every field that can hold one,", () => {
  it.each(REACHED)("are told to nobody when it fails with $failure", async ({ failure, way }) => {
    const { carried } = exposureCounts();
    expect(await way()).toMatchObject({ outcome: "refused", failure });
    expect(takeFindings()).toEqual([]);
    expect(exposureCounts().carried).toBeGreaterThan(carried);
  });
});
