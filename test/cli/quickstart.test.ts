import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createValidator } from "../../src/api/validate/create-validator.ts";
import { prepareQuickstart, QUICKSTART_DIRECTORY, QUICKSTART_ECHO_PORTS } from "../../src/cli/quickstart.ts";
import { follow } from "../files/manifest-directory.ts";

const validate = createValidator({ allowLoopback: true, unknownFields: "refuse" });

test("every manifest of the quickstart is valid", async () => {
  const { source, lines } = await follow(QUICKSTART_DIRECTORY, { validate });
  expect(source.problems()).toEqual([]);
  expect(lines).toEqual([]);
  const view = source.view();
  expect(view.webSocketRoutes.map(({ metadata }) => metadata.name)).toEqual(["echo", "refused"]);
  expect(view.ingresses.map(({ metadata }) => metadata.name)).toEqual(["web"]);
  expect(view.services.map(({ metadata }) => metadata.annotations?.["fairlead.dev/standalone-endpoints"])).toEqual(
    QUICKSTART_ECHO_PORTS.map((port) => `127.0.0.1:${port}`),
  );
});

test("with its own ports the quickstart is served where it lies, to be edited", async () => {
  const quickstart = await prepareQuickstart(QUICKSTART_ECHO_PORTS);
  expect(quickstart.path).toBe(QUICKSTART_DIRECTORY);
  await quickstart.remove();
  expect((await stat(QUICKSTART_DIRECTORY)).isDirectory()).toBe(true);
});

test("with other ports a copy names them, even if they are the same two in the other order", async () => {
  const quickstart = await prepareQuickstart([9102, 9101]);
  onTestFinished(quickstart.remove);
  const services = await readFile(join(quickstart.path, "services.yaml"), "utf8");
  expect([...services.matchAll(/127\.0\.0\.1:\d+/g)].map(String)).toEqual(["127.0.0.1:9102", "127.0.0.1:9101"]);
  const { source } = await follow(quickstart.path, { validate });
  expect(source.problems()).toEqual([]);
  await quickstart.remove();
  await expect(stat(quickstart.path)).rejects.toThrow("ENOENT");
});
