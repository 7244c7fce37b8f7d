import { expect, it } from "vitest";
import { askDebug, type DebugReply, membersOf, rowsIn } from "../harness/ask-debug.ts";
import { isReport } from "../harness/log-collector.ts";
import { manifestText, route, rule, service } from "../harness/manifests.ts";
import { type RunningApp, startApp } from "../harness/start-app.ts";
import { startWsBackend, type WsBackend } from "../harness/ws-backend.ts";
import { openWs, type WsClient } from "../harness/ws-client.ts";

type House = RunningApp & { readonly backend: WsBackend; readonly list: (query?: string) => Promise<DebugReply> };

async function openHouse(): Promise<House> {
  const backend = await startWsBackend({ options: { handleProtocols: () => "chat.v2" } });
  const files = {
    "all.json": manifestText(
      service("echo", [backend.port]),
      service("other", [backend.port]),
      route("a", [rule("echo", "/echo", ["echo"]), rule("deaf", "/deaf", ["echo"])]),
      route("b", [rule("other", "/other", ["other"])]),
    ),
  };
  const app = await startApp({ files });
  const list = (query = ""): Promise<DebugReply> => askDebug(app.ports.admin, `/debug/connections${query}`);
  return { ...app, backend, list };
}

const open = (app: RunningApp, path: string, protocols: readonly string[] = []): Promise<WsClient> =>
  openWs(`ws://127.0.0.1:${app.ports.http}${path}`, protocols);

it("/debug/connections tells of a connection what the reference promises, and not its query", async () => {
  const house = await openHouse();
  const client = await open(house, "/echo/x?token=SENTINEL-query", ["chat.v2"]);
  client.socket.send("12345678");
  await client.next();
  const reply = await house.list();
  expect([reply.status, reply.headers.get("content-type"), reply.json["open"], reply.json["matched"]]).toEqual([
    200,
    "application/json",
    1,
    1,
  ]);
  const { promised, found } = membersOf("GET /debug/connections", reply);
  expect(found).toEqual(promised);
  const [row = {}] = rowsIn(reply, "connections");
  expect(row).toMatchObject({
    id: 1,
    requestId: house.backend.handshakes[0]?.headers["x-request-id"],
    state: "open",
    clientAddress: "127.0.0.1",
    peerAddress: "127.0.0.1",
    secure: false,
    host: "127.0.0.1",
    path: "/echo/x",
    route: { kind: "WebSocketRoute", namespace: "default", name: "a", rule: "echo" },
    service: "default/echo:80",
    endpoint: `127.0.0.1:${house.backend.port}`,
    subprotocol: "chat.v2",
    bytesIn: 14,
    bytesOut: 10,
    framesIn: 1,
    framesOut: 1,
    messagesIn: 1,
    messagesOut: 1,
    queuedIn: 0,
    queuedOut: 0,
    pingMsClient: null,
    pingMsBackend: null,
  });
  expect(Math.abs(Date.now() - Date.parse(String(row["openedAt"])))).toBeLessThan(60_000);
  expect(reply.text).not.toContain("SENTINEL");
  // One row a line, for grep.
  expect(reply.text.split("\n").filter((line) => line.includes('"requestId"'))).toHaveLength(1);
});

it("/debug/connections filters by everything that a row tells, sorts and counts what it leaves out", async () => {
  const house = await openHouse();
  const clients = [
    await open(house, "/echo"),
    await open(house, "/echo"),
    await open(house, "/deaf"),
    await open(house, "/other"),
  ];
  for (const [index, client] of clients.entries()) {
    for (let count = 0; count <= index; count += 1) {
      client.socket.send("x".repeat(10));
      await client.next();
    }
  }
  const ids = async (query: string): Promise<unknown> =>
    rowsIn(await house.list(query), "connections").map(({ id }) => id);
  expect(await ids("?order=desc")).toEqual([1, 2, 3, 4]);
  expect(await ids("?order=asc")).toEqual([4, 3, 2, 1]);
  expect(await ids("?sort=messages")).toEqual([4, 3, 2, 1]);
  expect(await ids("?sort=bytes&order=asc&limit=2")).toEqual([1, 2]);
  expect(await ids("?sort=quiet")).toEqual([1, 2, 3, 4]);
  expect(await ids("?namespace=default&route=a")).toEqual([1, 2, 3]);
  expect(await ids("?kind=WebSocketRoute&route=a&rule=deaf")).toEqual([3]);
  expect(await ids("?kind=Ingress&route=a")).toEqual([]);
  expect(await ids("?namespace=default&service=default/other")).toEqual([4]);
  expect(await ids("?service=default/other:80")).toEqual([4]);
  expect(await ids("?service=default/oth")).toEqual([]);
  expect(await ids("?namespace=elsewhere")).toEqual([]);
  expect(await ids(`?endpoint=127.0.0.1:${house.backend.port}`)).toEqual([1, 2, 3, 4]);
  expect(await ids("?endpoint=127.0.0.1")).toEqual([1, 2, 3, 4]);
  expect(await ids("?endpoint=127.0.0.2")).toEqual([]);
  expect(await ids("?client=127.0.0.0/8&host=127.0.0.1")).toEqual([1, 2, 3, 4]);
  expect(await ids("?client=192.0.2.0/24")).toEqual([]);
  expect(await ids("?client=127.0.0.1&state=closing")).toEqual([]);
  expect(await ids(`?request-id=${String(house.backend.handshakes[1]?.headers["x-request-id"])}`)).toEqual([2]);
  expect(await ids("?min-age=1h")).toEqual([]);
  expect(await ids("?min-quiet=0s&min-age=1ms&state=open")).toEqual([1, 2, 3, 4]);
  const cut = await house.list("?limit=1&route=a");
  expect([cut.json["open"], cut.json["matched"], rowsIn(cut, "connections").length]).toEqual([4, 3, 1]);
});

it("DELETE of a connection says goodbye to it alone, answers how it ended, and leaves two lines in the log", async () => {
  const house = await openHouse();
  const [wanted, other] = [await open(house, "/echo"), await open(house, "/echo")];
  const [row] = rowsIn(await house.list(), "connections");
  const reply = await askDebug(house.ports.admin, `/debug/connections/${Number(row?.["id"])}`, { method: "DELETE" });
  expect(reply.status).toBe(200);
  const { promised, found } = membersOf("DELETE /debug/connections/ID", reply);
  expect(found).toEqual(promised);
  expect(reply.json).toMatchObject({ id: 1, how: "close", end: { cause: "admin", by: "proxy", clean: true } });
  expect(reply.json["end"]).toMatchObject({
    sides: { client: { sent: { code: 1001, reason: "closed by an administrator" }, received: { code: 1001 } } },
  });
  expect(await wanted.closed).toMatchObject({ code: 1001, reason: "closed by an administrator" });
  expect(other.isOpen()).toBe(true);
  expect(house.log.lines().find(({ msg }) => msg === "a connection is ended by an administrator")).toMatchObject({
    connection: 1,
    id: row?.["requestId"],
    how: "close",
    askedBy: "127.0.0.1",
  });
  const report = await house.log.lineWhere((line) => isReport(line) && line["id"] === row?.["requestId"]);
  expect(report).toMatchObject({ outcome: "relayed", cause: "admin", by: "proxy", closeToClient: 1001 });
  expect((await house.list()).json["open"]).toBe(1);
});

it("DELETE with how=reset cuts without a Close frame", async () => {
  const house = await openHouse();
  const client = await open(house, "/echo");
  const reply = await askDebug(house.ports.admin, "/debug/connections/1?how=reset", { method: "DELETE" });
  expect([reply.status, reply.json]).toMatchObject([200, { how: "reset", end: { cause: "admin", clean: false } }]);
  expect((await client.closed).code).toBe(1006);
});

it("DELETE touches nothing where it is not sure which connection is meant", async () => {
  const house = await openHouse();
  const client = await open(house, "/echo");
  const ask = async (path: string, method = "DELETE"): Promise<readonly unknown[]> => {
    const { status, json } = await askDebug(house.ports.admin, path, { method });
    return [status, json["code"], json["error"]];
  };
  expect(await ask("/debug/connections/2")).toEqual([404, "ConnectionNotFound", 'no open connection has the id "2"']);
  expect(await ask("/debug/connections/one")).toEqual([
    404,
    "ConnectionNotFound",
    'no open connection has the id "one"',
  ]);
  expect(await ask("/debug/connections/1?request-id=another")).toEqual([
    409,
    "RequestIdMismatch",
    "the connection 1 has another request id: it is not the one that was meant",
  ]);
  expect((await ask("/debug/connections/1?how=kindly"))[0]).toBe(400);
  expect(await ask("/debug/connections/1", "POST")).toEqual([405, "WrongMethod", "expected DELETE"]);
  expect(await ask("/debug/connections")).toEqual([405, "WrongMethod", "expected GET"]);
  expect(client.isOpen()).toBe(true);
  expect((await askDebug(house.ports.admin, "/debug/connections?state=open")).json["matched"]).toBe(1);
});
