import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { wrapSocket } from "../../harness/raw-client.ts";

type Message = { readonly port?: number; readonly logged?: object; readonly cpu?: NodeJS.CpuUsage };

const GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

function serveWith(descriptors: number): { child: ChildProcess; messages: Message[] } {
  const script = new URL("serve-few-descriptors.ts", import.meta.url).pathname;
  const child = spawn("/bin/sh", ["-c", `ulimit -n ${descriptors} && exec "$0" "$1"`, process.execPath, script], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const messages: Message[] = [];
  child.on("message", (message: Message) => messages.push(message));
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  return { child, messages };
}

async function cpuMs(child: ChildProcess): Promise<number> {
  child.send({});
  for (;;) {
    const [{ cpu }] = (await once(child, "message")) as [Message];
    if (cpu !== undefined) return (cpu.user + cpu.system) / 1000;
  }
}

test("without file descriptors, connections wait or end, live ones are served, and the process stays calm", async () => {
  const { child, messages } = serveWith(64);
  await expect.poll(() => messages.find(({ port }) => port !== undefined), { timeout: 10_000 }).toBeDefined();
  const port = messages.find((message) => message.port !== undefined)?.port ?? 0;
  const dial = (): Socket => {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {});
    onTestFinished(() => {
      socket.destroy();
    });
    return socket;
  };
  const first = wrapSocket(dial());
  await first.send(GET);
  await first.until("hello");
  const flood = Array.from({ length: 200 }, dial);
  await Promise.all(flood.map((socket) => Promise.race([once(socket, "connect"), once(socket, "close")])));
  const before = await cpuMs(child);
  const begin = performance.now();
  await first.send(GET);
  await first.until((bytes) => bytes.toString().split("hello").length === 3);
  await new Promise((resolve) => {
    setTimeout(resolve, 1000);
  });
  const share = ((await cpuMs(child)) - before) / (performance.now() - begin);
  expect(share).toBeLessThan(0.2);
  expect(messages.filter(({ logged }) => logged !== undefined).length).toBeLessThan(20);
  for (const socket of flood) socket.destroy();
  // Until the process has seen that the flood is gone, the system may still end a connection that it has no descriptor for.
  const ask = async (): Promise<string> => {
    const after = wrapSocket(dial());
    await after.send(GET);
    return (await after.until("hello")).toString();
  };
  await expect.poll(() => ask().catch(String), { timeout: 15_000 }).toContain("200 OK");
});
