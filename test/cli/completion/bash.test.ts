import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { COMMANDS } from "../../../src/cli/commands.ts";
import { flagsOf } from "../../../src/cli/parse-words.ts";
import { runInPlace } from "../../harness/run-in-place.ts";

const folder = mkdtempSync(join(tmpdir(), "fairlead-completion-"));
mkdirSync(join(folder, "some where"));
writeFileSync(join(folder, "so*me.yaml"), "");
writeFileSync(join(folder, "other.yaml"), "");
afterAll(() => rmSync(folder, { recursive: true }));

/** What a real bash offers after these words, the last of which is being typed. */
async function offered(...words: string[]): Promise<string[]> {
  const { out } = await runInPlace(["completion", "bash"]);
  const script = `${out}
COMP_WORDS=(fairlead "$@"); COMP_CWORD=$#
_fairlead
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const text = execFileSync("bash", ["--norc", "-c", script, "bash", ...words], { cwd: folder, encoding: "utf8" });
  return text.split("\n").filter(Boolean).toSorted();
}

describe("completion in bash", () => {
  test("offers the commands, and those that begin as typed", async () => {
    expect(await offered("")).toEqual(COMMANDS.map(({ name }) => name).toSorted());
    expect(await offered("de")).toEqual(["demo"]);
    expect(await offered("x")).toEqual([]);
  });

  test.each(COMMANDS)("offers every flag of $name", async (row) => {
    const names = flagsOf(row).flatMap(({ usage }) => usage.match(/--[\w-]+/g) ?? []);
    expect(await offered(row.name, "--")).toEqual([...names, "--help"].toSorted());
  });

  test("offers the values of a flag, after a space and after an equals sign", async () => {
    expect(await offered("serve", "--log-level", "")).toEqual(["debug", "error", "info", "warn"]);
    expect(await offered("serve", "--log-level", "w")).toEqual(["warn"]);
    expect(await offered("serve", "--log-level", "=")).toEqual(["debug", "error", "info", "warn"]);
    expect(await offered("serve", "--log-level", "=", "d")).toEqual(["debug"]);
    expect(await offered("version", "-o", "")).toEqual(["human", "json", "yaml"]);
    expect(await offered("version", "-o", "j")).toEqual(["json"]);
  });

  test("offers directories where a directory is asked for, whatever their names hold", async () => {
    expect(await offered("serve", "--manifests", "")).toEqual(["some where"]);
  });

  test("offers files and directories where a path is asked for, before and after others", async () => {
    expect(await offered("lint", "")).toEqual(["other.yaml", "so*me.yaml", "some where"]);
    expect(await offered("lint", "--partial", "so")).toEqual(["so*me.yaml", "some where"]);
    expect(await offered("lint", "other.yaml", "oth")).toEqual(["other.yaml"]);
  });

  test("offers nothing where a value is free, nor for a command that takes no words", async () => {
    expect(await offered("serve", "--http-address", "")).toEqual([]);
    expect(await offered("serve", "")).toEqual([]);
  });

  test("offers the words that a command takes, with flags before them or not", async () => {
    expect(await offered("completion", "")).toEqual(["bash", "fish", "zsh"]);
    expect(await offered("completion", "f")).toEqual(["fish"]);
  });
});
