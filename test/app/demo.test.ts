import { execFile } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { dirname } from "node:path";
import { expect, it } from "vitest";
import { type CliProcess, PROJECT_ROOT, startCli } from "../harness/start-cli.ts";
import { openWs } from "../harness/ws-client.ts";

/** Ports that were free a moment ago. */
async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map(async (server) => await once(server, "listening")));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map(async (server) => await once(server.close(), "close")));
  return ports;
}

/** Runs a line as it was printed, in the project's folder, with the Node of this test first. */
async function runLine(line: string): Promise<string> {
  const path = [dirname(process.execPath), `${PROJECT_ROOT}node_modules/.bin`, process.env["PATH"]].join(":");
  return await new Promise((resolve, reject) => {
    const options = { cwd: PROJECT_ROOT, env: { ...process.env, PATH: path }, timeout: 45_000 };
    execFile("bash", ["-c", line], options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${line}\n${error.message}\n${stderr}`));
    });
  });
}

async function startDemo(): Promise<{
  readonly demo: CliProcess;
  readonly http: number;
  readonly lines: readonly string[];
}> {
  const [http = 0, https = 0, admin = 0, left = 0, right = 0] = await freePorts(5);
  const address = (port: number): string => `127.0.0.1:${port}`;
  const listen = [
    `--http-address ${address(http)}`,
    `--https-address ${address(https)}`,
    `--admin-address ${address(admin)}`,
  ];
  const words = [...listen, `--public-https-port ${https}`, `--echo-ports ${left},${right}`].flatMap((text) =>
    text.split(" "),
  );
  const demo = startCli(["demo", ...words]);
  await demo.out.textWhere((text) => text.includes("Ctrl-C says goodbye"));
  const lines = demo.out
    .text()
    .split("\n")
    .filter((line) => line.startsWith("  $ "));
  return { demo, http, lines: lines.map((line) => line.slice(4)) };
}

const count = (text: string, part: string): number => text.split(part).length - 1;

/** What each line that the demo prints must answer, in order. */
const ANSWERS: readonly ((output: string) => void)[] = [
  (output) => expect(output).toBe("hello\n"),
  (output) => expect(output).toBe("hello\n"),
  (output) => expect(output).toMatch(/verified: trusted.*\nhealthy: every step was done, in [\d.]+ ms\.\n$/s),
  (output) => expect(output).toContain("It is forwarded by WebSocketRoute default/echo, rule rewrite."),
  (output) => expect([count(output, "echo-a"), count(output, "echo-b")]).toEqual([9, 1]),
  (output) => expect(JSON.parse(output)).toMatchObject({ servedBy: "echo-b", path: "/echo/there" }),
  (output) => expect(output).toMatch(/^HTTP\/1\.1 503 .*The route is misconfigured\.\n$/s),
  (output) => expect(JSON.parse(output)).toMatchObject({ servedBy: "echo-b", path: "/any/path" }),
];

it("Every line that the demo prints works as printed, and Ctrl-C says 1012 to an open socket and ends with 0", async () => {
  const { demo, http, lines } = await startDemo();
  expect(lines).toHaveLength(ANSWERS.length);
  const outputs = await Promise.all(lines.map(runLine));
  for (const [index, answer] of ANSWERS.entries()) answer(outputs[index] ?? "");
  expect(demo.out.text()).toMatch(/refused\.yaml.*no-such-service/s);
  const open = await openWs(`ws://127.0.0.1:${http}/echo`);
  open.socket.send("still here");
  expect(String((await open.next()).data)).toBe("still here");
  demo.signal("SIGINT");
  expect(await open.closed).toMatchObject({ code: 1012, reason: "service restart" });
  expect(await demo.exited).toMatchObject({ code: 0, signal: null });
  expect(demo.errors()).toBe("");
}, 90_000);

it("A port that is taken is named, the exit code is 1, and nothing is left behind", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const { port } = taken.address() as AddressInfo;
  const [https = 0, admin = 0, left = 0, right = 0] = await freePorts(4);
  const addresses = ["--https-address", `127.0.0.1:${https}`, "--admin-address", `127.0.0.1:${admin}`];
  const demo = startCli([
    "demo",
    "--http-address",
    `127.0.0.1:${port}`,
    ...addresses,
    "--echo-ports",
    `${left},${right}`,
  ]);
  expect((await demo.exited).code).toBe(1);
  taken.close();
  expect(demo.errors()).toMatch(
    new RegExp(`^fairlead: error AddressInUse: cannot listen on 127\\.0\\.0\\.1:${port}: the port is in use`),
  );
  expect(demo.out.text()).not.toContain("Fairlead is routing");
}, 30_000);
