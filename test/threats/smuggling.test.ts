import { expect, test } from "vitest";
import { requestBytes } from "../harness/incoming-request.ts";
import { readHead, switchingTo } from "../harness/websocket-backend.ts";
import { openHouse } from "../proxy/handshake/open-house.ts";

const SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: a.example\r\nX-Smuggled: yes\r\n\r\n";

test("a request behind a handshake of a wrong version reaches nobody", async () => {
  await using house = await openHouse(() => {});
  const answer = await house.ask({ change: { "Sec-WebSocket-Version": "1337" } }, SMUGGLED);
  expect(answer.match(/^HTTP\/1\.1 \d+/gm)).toEqual(["HTTP/1.1 426"]);
  expect(house.backend.connections).toHaveLength(0);
  expect(house.proxy.reports).toMatchObject([{ outcome: "refused", failure: "UnsupportedVersion" }]);
});

test.each<[string, number, (head: string) => string]>([
  ["200", 200, () => "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"],
  ["401", 401, () => "HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno"],
  ["426", 426, () => "HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n"],
  ["200 and kept open", 200, () => "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok"],
  ["a 101 to another key", 502, (head) => switchingTo(head.replace(/Sec-WebSocket-Key: .*/i, "Sec-WebSocket-Key: x"))],
  ["101 without Upgrade", 502, (head) => switchingTo(head).replace(/Upgrade: websocket\r\n/, "")],
])("a request behind a handshake that is answered %s reaches nobody", async (_what, status, answerTo) => {
  await using house = await openHouse(async (connection) => {
    await connection.send(answerTo(await readHead(connection)));
  });
  const answer = await house.ask({}, SMUGGLED);
  expect(answer.match(/^HTTP\/1\.1 \d+/gm)).toEqual([`HTTP/1.1 ${status}`]);
  const connection = await house.backend.connection(0);
  await connection.ended;
  expect(connection.text().split("\r\n\r\n")).toHaveLength(2);
  expect(connection.text()).not.toMatch(/smuggled/i);
  expect(house.backend.connections).toHaveLength(1);
});

test("a request behind a handshake whose 101 is late reaches the backend behind the 101 alone", async () => {
  let before = "";
  const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
  await using house = await openHouse(async (connection) => {
    const head = await readHead(connection);
    await answered;
    before = connection.text();
    await connection.send(switchingTo(head));
  });
  const client = await house.dial();
  await client.send(`${requestBytes()}${SMUGGLED}`);
  await house.backend.connection(0);
  answer();
  await client.until("\r\n\r\n");
  await (await house.backend.connection(0)).ended;
  expect(before.split("\r\n\r\n")).toHaveLength(2);
  expect(before).not.toMatch(/smuggled/i);
});
