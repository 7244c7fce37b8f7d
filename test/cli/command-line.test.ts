import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import packageFile from "../../package.json" with { type: "json" };
import { ERROR_CODES } from "../../src/base/error-codes.ts";
import { FAILURES } from "../../src/base/failures.ts";
import { COMMANDS } from "../../src/cli/commands.ts";
import { CODES } from "../../src/cli/lint/codes.ts";
import { parseWords } from "../../src/cli/parse-words.ts";
import { PROBE_FINDINGS } from "../../src/cli/probe/findings.ts";
import { makeSurroundings, type PlaceRun, runInPlace } from "../harness/run-in-place.ts";

async function run(...words: string[]): Promise<PlaceRun> {
  return await runInPlace(words);
}

const NAMES = COMMANDS.map(({ name }) => name);

describe("the command line", () => {
  test("tells its version and its commands", async () => {
    expect(await run("--version")).toEqual({ code: 0, out: `${packageFile.version}\n`, errors: "" });
    const help = await run("--help");
    expect(help.code).toBe(0);
    for (const { name, summary } of COMMANDS) expect(help.out).toMatch(new RegExp(`^  ${name} .*${summary[0]}`, "m"));
  });

  test("lists each command once", () => {
    expect(new Set(NAMES).size).toBe(NAMES.length);
  });

  test.each(COMMANDS)("shows examples and exit codes with the help of $name", async ({ name, examples, failure }) => {
    const help = await run(name, "--help");
    expect([help.code, help.errors]).toEqual([0, ""]);
    for (const example of examples) expect(help.out).toContain(`  ${example}\n`);
    expect(help.out).toContain(`Exit code:\n  0  `);
    expect(help.out).toContain(`  1  ${failure}`);
  });

  test.each(COMMANDS.flatMap(({ name, examples }) => examples.map((example) => [name, example] as const)))(
    "reads the example of %s: %s",
    (name, example) => {
      const [, line = ""] = /(?:^|[|] *)fairlead (.*)$/.exec(example) ?? [];
      const words = [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, a, b, c]) => a ?? b ?? c ?? "");
      const errors: string[] = [];
      const parsed = parseWords(words, COMMANDS, makeSurroundings({ writeError: (text) => void errors.push(text) }));
      expect(errors).toEqual([]);
      expect(parsed.type === "run" && parsed.row.name).toBe(name);
    },
  );

  test.each([
    [["flyy"], ["error UnknownCommand: unknown command 'flyy'"]],
    [["serv"], ["Did you mean serve?"]],
    [
      ["serve", "--manifest", "x"],
      ["error UnknownFlag: unknown option '--manifest'", "Did you mean --manifests?"],
    ],
    [
      ["completion", "tcsh"],
      ["error InvalidArgument: ", "bash, zsh, fish", "fairlead completion --help"],
    ],
    [["serve", "--manifests"], ["error MissingValue: option '--manifests <DIR>' argument missing"]],
    [
      ["version", "twice"],
      ["error ExcessOperand: ", "too many arguments"],
    ],
    [["completion"], ["error MissingOperand: missing required argument 'SHELL'"]],
  ])("answers %j with what may have been meant, and with where help is", async (words, expected) => {
    const { code, out, errors } = await run(...words);
    expect([code, out]).toEqual([2, ""]);
    for (const text of expected) expect(errors).toContain(text);
    expect(errors).toMatch(/^fairlead: .*\n/);
    expect(errors).toContain("--help");
  });

  test("tells what is running, to people and to programs", async () => {
    expect((await run("version")).out).toMatch(new RegExp(`^fairlead ${packageFile.version} \\(Node \\d`));
    const facts = { version: packageFile.version, node: process.versions.node };
    expect(JSON.parse((await run("version", "-o", "json")).out)).toMatchObject(facts);
    expect(parse((await run("version", "--output=yaml")).out)).toMatchObject(facts);
  });

  test("refuses a format that there is not", async () => {
    const { code, errors } = await run("version", "-o", "xml");
    expect([code, errors]).toEqual([2, expect.stringContaining("human, json, yaml")]);
  });

  test("colours the titles of help on a terminal only", async () => {
    const [plain, coloured] = [await run("--help"), await runInPlace(["--help"], { colour: true })];
    expect(plain.out).not.toContain("\u001B");
    expect(coloured.out).toContain("\u001B[1mCommands:\u001B[22m");
  });

  test("shows the defaults of the command that was asked about", async () => {
    const [serve, demo] = [await run("serve", "--help"), await run("demo", "--help")];
    expect(serve.out).toMatch(/--http-address .*\(default: :8080\)/);
    expect(serve.out).toMatch(/--grace-period .*\(default: 90s\)/);
    expect(demo.out).toMatch(/--http-address .*\(default: 127\.0\.0\.1:8080\)/);
    expect(demo.out).toMatch(/--grace-period .*\(default: 20s\)/);
    expect(demo.out).toMatch(/--log-level .*\(default: info\)/);
  });

  test("says which flag gives the demo's echo servers other ports, when theirs are taken", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    onTestFinished(() => void taken.close());
    await once(taken, "listening");
    const { port } = taken.address() as AddressInfo;
    expect(await run("demo", "--echo-ports", `${port},${port === 1024 ? 1025 : 1024}`)).toEqual({
      code: 1,
      out: "",
      errors: `fairlead: error AddressInUse: the echo server echo-a cannot listen on 127.0.0.1:${port}: the port is in use by another process; --echo-ports A,B names two others\n`,
    });
  });

  test.each([[["fly"]], [["serve", "--fast"]], [["serve", "--manifests"]], [["serve", "extra"]], [[]]])(
    "ends %j with 2 and says what was wrong",
    async (words) => {
      const { code, errors } = await run(...words);
      expect(code).toBe(2);
      expect(errors).toMatch(/fairlead|error: /);
    },
  );

  test("names every bad flag at once", async () => {
    const { code, errors, out } = await run("serve", "--manifests", ".", "--http-address", "x", "--log-level", "loud");
    expect([code, out]).toEqual([2, ""]);
    expect(errors).toContain('fairlead: error InvalidArgument: --http-address "x": expected HOST:PORT');
    expect(errors).toContain(
      'fairlead: error InvalidArgument: --log-level "loud": expected one of debug, info, warn, error',
    );
  });

  test.each([
    [
      ["\u001B[31mfoo\nbar"],
      "fairlead: error UnknownCommand: unknown command '\\u{1b}[31mfoo\\u{a}bar'\n(fairlead --help lists the commands)\n",
    ],
    [
      ["sreve"],
      "fairlead: error UnknownCommand: unknown command 'sreve'\n(Did you mean serve?)\n(fairlead --help lists the commands)\n",
    ],
    [["serve", "--\u202Efoo"], "fairlead: error UnknownFlag: unknown option '--\\u{202e}foo'\n(fairlead serve --help"],
    [["lint", "-o", "\u009B2J", "."], "argument '\\u{9b}2J' is invalid. Allowed choices are human"],
    [
      ["serve", "--max-connections", "\u2028\u009B"],
      'fairlead: error InvalidArgument: --max-connections "\\u{2028}\\u{9b}": expected',
    ],
    [["echo", "--address", "\u009B"], 'fairlead: error InvalidArgument: --address "\\u{9b}": expected HOST:PORT'],
    [["x".repeat(100_000)], "more characters)\n(fairlead --help"],
    [["serve", "--manifests", ".", "--http-address", "x".repeat(100_000)], '...": expected HOST:PORT'],
  ])("of hostile words is one clear sentence: %#", async (words, expected) => {
    const { code, errors } = await run(...words);
    expect(code).toBe(2);
    expect(errors).toContain(expected);
    expect(errors.length).toBeLessThan(6_000);
    // oxlint-disable-next-line eslint/no-control-regex -- finding control characters is the point
    expect(errors).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u2028\u202E]/u);
  });

  test("serves a cluster or a directory, and not both", async () => {
    const both = await run("serve", "--manifests", ".", "--watch-namespace", "apps");
    expect([both.code, both.errors]).toEqual([
      2,
      "fairlead: error InvalidArgument: --manifests: expected without --kubeconfig, --context and --watch-namespace; one source is read\n",
    ]);
    const demo = await run("demo", "--kubeconfig", "x");
    expect([demo.code, demo.errors]).toEqual([2, expect.stringContaining("--kubeconfig")]);
  });

  test("says which directory cannot be read, and exits with 1", async () => {
    const ports = ["--http-address", "127.0.0.1:0", "--https-address", "127.0.0.1:0", "--admin-address", "127.0.0.1:0"];
    const { code, errors } = await run("serve", "--manifests", "/nowhere/at/all", ...ports);
    expect([code, errors]).toEqual([1, expect.stringContaining("error DirectoryUnreadable: /nowhere/at/all")]);
  });

  test.each(["9101", "9101,9101", "0,1", "a,b", "1,2,3"])("refuses the echo ports %j", async (ports) => {
    expect(await run("demo", "--echo-ports", ports)).toMatchObject({
      code: 2,
      errors: expect.stringContaining("--echo-ports: expected two different ports"),
    });
  });

  test("refuses an address that an echo server cannot have", async () => {
    expect(await run("echo", "--address", "nonsense")).toMatchObject({
      code: 2,
      errors: expect.stringContaining('--address "nonsense": expected HOST:PORT'),
    });
  });

  test.each([
    ["-o", "json"],
    ["-ojson"],
    ["--output", "json"],
    ["--output=json"],
    ["-o", "yaml", "-o", "json"],
    ["-o", "yaml"],
  ])("tells mistakes in the format of %s %s, as an object on standard error", async (...format) => {
    const { code, out, errors } = await run("lint", "--max-warning", "1", ".", ...format);
    expect([code, out]).toEqual([2, ""]);
    const read: unknown = format.at(-1) === "yaml" ? parse(errors) : JSON.parse(errors);
    expect(read).toEqual({
      errors: [
        {
          code: "UnknownFlag",
          message: "unknown option '--max-warning'",
          hints: ["Did you mean --max-warnings?", "fairlead lint --help shows the flags and an example"],
          help: "docs/reference/cli.md#unknownflag",
        },
      ],
    });
  });

  test("tells every mistake to programs at once, hostile words escaped", async () => {
    const { code, errors } = await run("explain", "\u009B", "--method", "G T", "-o", "json");
    expect(code).toBe(2);
    const { errors: told } = JSON.parse(errors) as { errors: readonly { code: string }[] };
    expect(told.map((each) => each.code)).toEqual(["MissingFlag", "InvalidArgument", "InvalidArgument"]);
    expect(errors).not.toContain("\u009B");
  });

  test("tells mistakes to people where nobody asked for another format", async () => {
    const words = ["translate", "--tls-min-version", "1.1", "."];
    expect((await run(...words)).errors).toMatch(/^fairlead: error InvalidArgument: --tls-min-version/);
    expect((await run(...words, "-o")).errors).toMatch(/^fairlead: error MissingValue: /);
    expect((await run("lint", "--nothing", "-o", "github")).errors).toMatch(/^fairlead: error UnknownFlag: /);
    expect((await run("probe", "nothing", "--", "-o", "json")).errors).toMatch(/^fairlead: error ExcessOperand: /);
  });

  test("names an error like no problem of an object, so that a code means one thing", () => {
    const taken = new Set([...Object.keys(CODES), ...Object.keys(FAILURES), ...Object.keys(PROBE_FINDINGS)]);
    expect(Object.keys(ERROR_CODES).filter((code) => taken.has(code))).toEqual([]);
  });
});
