import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";
import { expose, sentinel, takeFindings } from "../harness/sentinels.ts";

it.each([
  ["throws", "TypeError: Invalid URL"],
  ["throws text", "something was thrown that is no error"],
  ["rejects", "Error: refused"],
])(
  "Threat 23: a process that is ended by a defect (%s) says where, and no secret that the error knows",
  (how, said) => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(import.meta.dirname, "crash.ts"), how, sentinel("crash")],
      { encoding: "utf8", timeout: 15_000 },
    );
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toContain(`fairlead: ended by a defect: ${said}`);
    expose("standard error of a crash").add(stderr);
    expect(takeFindings()).toEqual([]);
  },
);
