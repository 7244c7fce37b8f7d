import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { PROJECT_ROOT, startCli } from "../harness/start-cli.ts";

const run = promisify(execFile);

const FAIRLEAD = `"${process.execPath}" --disable-proto=delete src/main.ts`;

async function bash(script: string, environment: NodeJS.ProcessEnv = {}): Promise<{ stdout: string; stderr: string }> {
  const { NODE_OPTIONS: _, NO_COLOR: _no, FORCE_COLOR: _force, ...inherited } = process.env;
  const env = { ...inherited, ...environment };
  return await run("bash", ["--norc", "-c", script], { cwd: PROJECT_ROOT, env, timeout: 15_000 });
}

describe("the command line as a process", () => {
  test("says nothing when its reader leaves", async () => {
    const child = spawn(process.execPath, ["--disable-proto=delete", "src/main.ts", "serve", "--help"], {
      cwd: PROJECT_ROOT,
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stdout.destroy();
    const [[code], errors] = await Promise.all([once(child, "close"), text(child.stderr)]);
    expect([code, errors]).toEqual([0, ""]);
  });

  test("reads what another command writes, as - and as a path", async () => {
    const piped = await bash(`cat manifests/quickstart/refused.yaml | ${FAIRLEAD} lint - || echo "exit $?"`);
    expect(piped.stdout).toMatch(/^<stdin>:\d+:19: error BackendNotFound: [^]*\nexit 1\n$/);
    const named = await bash(`${FAIRLEAD} lint <(cat manifests/quickstart/refused.yaml) || echo "exit $?"`);
    expect(named.stdout).toMatch(/^\/dev\/fd\/\d+:\d+:19: error BackendNotFound: [^]*\nexit 1\n$/);
  });

  test("ends with the code that the command gives", async () => {
    const { code } = await startCli(["nonsense"]).exited;
    expect(code).toBe(2);
  });

  test.each([
    [{}, false],
    [{ FORCE_COLOR: "1" }, true],
    [{ FORCE_COLOR: "0" }, false],
    [{ NO_COLOR: "1", FORCE_COLOR: "1" }, false],
    [{ NO_COLOR: "", FORCE_COLOR: "1" }, true],
  ])("into a pipe with %j, colours: %j", async (environment, coloured) => {
    const { stdout } = await bash(`${FAIRLEAD} --help | cat`, environment);
    expect(stdout).toContain("Commands:");
    expect(stdout.includes("\u001B[")).toBe(coloured);
  });

  test("starts no inspector when it is signalled, and has no __proto__, however Node was started", async () => {
    const look = 'process.on("exit", () => console.log("__proto__" in {}, process.listenerCount("SIGUSR1")))';
    const plain = FAIRLEAD.replace(
      "--disable-proto=delete",
      `--import 'data:text/javascript,${encodeURIComponent(look)}'`,
    );
    expect((await bash(`${plain} version`)).stdout).toMatch(/\nfalse 1\n$/);
    const echo = startCli(["echo", "--address", "127.0.0.1:0"]);
    await echo.out.textWhere((written) => written.includes("echoes on"));
    echo.signal("SIGUSR1");
    echo.signal("SIGTERM");
    expect((await echo.exited).code).toBe(0);
    expect(echo.errors()).not.toContain("Debugger");
  });

  test("its completion script works when bash sources it", async () => {
    const words = "COMP_WORDS=(fairlead com); COMP_CWORD=1; _fairlead; echo ${COMPREPLY[@]}; complete -p fairlead";
    const { stdout } = await bash(`source <(${FAIRLEAD} completion bash); ${words}`);
    expect(stdout).toBe("completion\ncomplete -F _fairlead fairlead\n");
  });
});
