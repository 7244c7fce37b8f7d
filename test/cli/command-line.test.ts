import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import packageFile from "../../package.json" with { type: "json" };
import { runCommandLine } from "../../src/cli/command-line.ts";
import type { Surroundings } from "../../src/cli/surroundings.ts";

type Run = { readonly code: number; readonly out: string; readonly errors: string };

async function run(...words: string[]): Promise<Run> {
  const out: string[] = [];
  const errors: string[] = [];
  const surroundings: Surroundings = {
    terminal: false,
    colour: false,
    write: (text) => void out.push(text),
    unwritten: () => 0,
    writeError: (text) => void errors.push(text),
    onSignal: () => () => {},
  };
  return { code: await runCommandLine(words, surroundings), out: out.join(""), errors: errors.join("") };
}

describe("the command line", () => {
  test("tells its version and its commands", async () => {
    expect(await run("--version")).toEqual({ code: 0, out: `${packageFile.version}\n`, errors: "" });
    const help = await run("--help");
    expect(help.code).toBe(0);
    for (const command of ["serve", "demo", "echo"]) expect(help.out).toContain(`  ${command} `);
  });

  test.each(["serve", "demo", "echo"])("shows an example with the help of %s", async (command) => {
    const help = await run(command, "--help");
    expect([help.code, help.out.includes(`Example:\n  fairlead ${command} --`)]).toEqual([0, true]);
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
      errors: `fairlead: the echo server echo-a cannot listen on 127.0.0.1:${port}: the port is in use by another process; --echo-ports A,B names two others\n`,
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
    expect(errors).toContain('fairlead: --http-address "x": expected HOST:PORT');
    expect(errors).toContain('fairlead: --log-level "loud": expected one of debug, info, warn, error');
  });

  test("needs a directory to serve", async () => {
    const { code, errors } = await run("serve");
    expect([code, errors]).toEqual([2, expect.stringContaining("--manifests: expected a directory of manifests")]);
  });

  test("says which directory cannot be read, and exits with 1", async () => {
    const ports = ["--http-address", "127.0.0.1:0", "--https-address", "127.0.0.1:0", "--admin-address", "127.0.0.1:0"];
    const { code, errors } = await run("serve", "--manifests", "/nowhere/at/all", ...ports);
    expect([code, errors]).toEqual([1, expect.stringContaining("/nowhere/at/all")]);
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
});
