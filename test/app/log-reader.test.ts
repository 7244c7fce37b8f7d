import { expect, it } from "vitest";
import { createManifestDirectory } from "../files/manifest-directory.ts";
import { manifestText, route, rule, service } from "../harness/manifests.ts";
import { serveByCli } from "../harness/start-cli.ts";
import { startWsBackend } from "../harness/ws-backend.ts";
import { closeWs, openWs } from "../harness/ws-client.ts";

it("A log that nobody reads any more costs its lines, and no connection", async () => {
  const backend = await startWsBackend();
  const directory = await createManifestDirectory();
  const objects = [service("echo", [backend.port]), route("echo", [rule("all", "/", ["echo"])])];
  await directory.write({ "all.json": manifestText(...objects) });
  const server = await serveByCli(directory.root, ["--propagation-delay", "0s"]);
  const client = await openWs(`ws://127.0.0.1:${server.ports.http}/`);
  server.stopReading();
  // Each of these is a line that cannot be written.
  for (let count = 0; count < 5; count += 1) {
    expect((await fetch(`http://127.0.0.1:${server.ports.http}/${count}`)).status).toBe(200);
  }
  client.socket.send("still here");
  expect((await client.next()).data.toString()).toBe("still here");
  await closeWs(client, 1000);
  server.signal("SIGTERM");
  expect(await server.exited).toMatchObject({ code: 0 });
  expect(server.errors()).toBe("");
});
