import { expect, it } from "vitest";
import type { LogLine } from "../harness/log-collector.ts";
import { manifestText, route, rule, service } from "../harness/manifests.ts";
import { startApp } from "../harness/start-app.ts";

const isChange = (line: LogLine): boolean => String(line["msg"]).startsWith("changed: ");

it("The log names each object that was changed, added or removed, and none at the start or for a file that says the same", async () => {
  const echo = (prefix: string): string => manifestText(route("echo", [rule("all", prefix, ["echo"])]));
  const app = await startApp({
    files: { "route.json": echo("/echo"), "service.json": manifestText(service("echo", [1])) },
  });
  const { directory, log, swap } = app;
  expect(log.lines().filter(isChange)).toEqual([]);
  await directory.write({ "service.json": `${manifestText(service("echo", [1]))}\n` });
  await swap(() => directory.write({ "route.json": echo("/echo2") }));
  await swap(() => directory.write({ "more.json": manifestText(route("more", [rule("all", "/more", ["echo"])])) }));
  await swap(() => directory.remove("more.json"));
  expect(log.lines().filter(isChange)).toMatchObject([
    { level: "info", objects: 1, msg: "changed: WebSocketRoute default/echo" },
    { level: "info", objects: 1, msg: "changed: WebSocketRoute default/more" },
    { level: "info", objects: 1, msg: "changed: WebSocketRoute default/more" },
  ]);
});

it("A change of very many objects is one line that names some of them", async () => {
  const { directory, log } = await startApp({ files: {} });
  const names = Array.from({ length: 12 }, (_, index) => `s-${String(index).padStart(2, "0")}`);
  await directory.write({ "all.json": manifestText(...names.map((name) => service(name, [1]))) });
  expect(await log.lineWhere(isChange)).toMatchObject({
    objects: 12,
    msg: `changed: ${names
      .slice(0, 5)
      .map((name) => `Service default/${name}`)
      .join(", ")} and 7 more`,
  });
});
