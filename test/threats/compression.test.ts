import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { requestBytes } from "../harness/incoming-request.ts";
import { makeFrame } from "../harness/make-frame.ts";
import { manifestText, route, rule, service } from "../harness/manifests.ts";
import { listenRaw } from "../harness/raw-backend.ts";
import { connectRaw } from "../harness/raw-client.ts";
import { startApp } from "../harness/start-app.ts";
import { takeUpgrade } from "../harness/websocket-backend.ts";

const MIB = 1024 ** 2;
const DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate";

test("a gigabyte of zeros passes as the megabyte that it is on the wire", async () => {
  // Each block starts anew, so that a thousand of them are one stream.
  const block = deflateRawSync(Buffer.alloc(MIB), { finishFlush: constants.Z_FULL_FLUSH });
  expect(inflateRawSync(block, { finishFlush: constants.Z_SYNC_FLUSH })).toHaveLength(MIB);
  const bomb = Buffer.concat(Array.from({ length: 1_024 }, () => block));
  expect(bomb.length).toBeLessThan(2 * MIB);
  const frame = makeFrame("client", { opcode: 2, rsv: 4, payload: bomb, key: [0, 0, 0, 0] });

  const backend = await listenRaw(async (connection) => {
    await takeUpgrade(connection, [DEFLATE]);
  });
  onTestFinished(backend.close);
  const app = await startApp({
    files: { "all.json": manifestText(service("raw", [backend.port]), route("raw", [rule("all", "/", ["raw"])])) },
  });
  const client = await connectRaw(app.ports.http);
  onTestFinished(() => void client.socket.destroy());
  await client.send(requestBytes({ more: [["Sec-WebSocket-Extensions", "permessage-deflate"]] }));
  await client.until(`${DEFLATE}\r\n`);
  await client.send(frame);
  const connection = await backend.connection(0);
  const headLength = connection.received().indexOf("\r\n\r\n") + 4;
  const received = await connection.until((bytes) => bytes.length >= headLength + frame.length, 15_000);
  expect(received.subarray(headLength).equals(frame)).toBe(true);
  client.reset();
  const report = await app.log.lineWhere((line) => line["outcome"] === "relayed");
  expect(report).toMatchObject({ bytesIn: frame.length, messagesIn: 1 });
});
