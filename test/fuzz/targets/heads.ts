import { deepStrictEqual, match, ok } from "node:assert/strict";
import type { RawPeer } from "../../harness/raw-client.ts";
import { type ReferenceRequest, readRequests, valuesOf } from "../../harness/reference-requests.ts";
import { switchingTo } from "../../harness/websocket-backend.ts";
import type { Target } from "../target.ts";
import { HASTY_HEAD_MS, openWire, untilOver, type Wire } from "./wire.ts";

const KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";
const UPGRADE = `GET /ws HTTP/1.1\r\nHost: a.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${KEY}`;
const HIDDEN = "GET /hidden HTTP/1.1\r\nHost: a.example\r\n\r\n";

const STREAMS = [
  "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n",
  `GET /a?b=c HTTP/1.1\r\nHost: a.example:80\r\nX-A: 1\r\nX-A: 2\r\nConnection: keep-alive, X-A\r\n\r\n${HIDDEN}`,
  `POST /p HTTP/1.1\r\nHost: a.example\r\nContent-Length: ${HIDDEN.length}\r\n\r\n${HIDDEN}`,
  `PUT /p HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n${HIDDEN.length.toString(16)};x=y\r\n${HIDDEN}\r\n0\r\nX-T: 1\r\n\r\n${HIDDEN}`,
  `DELETE /d HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n`,
  "HEAD /h HTTP/1.1\r\nHost: a.example\r\nExpect: 100-continue\r\n\r\n",
  "OPTIONS * HTTP/1.1\r\nHost: a.example\r\n\r\n",
  "GET http://a.example/absolute HTTP/1.1\r\nHost: a.example\r\n\r\n",
  "GET /old HTTP/1.0\r\nHost: a.example\r\nConnection: keep-alive\r\n\r\n",
  `${UPGRADE}\r\n\x81\x80\x01\x02\x03\x04`,
  `${UPGRADE}Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\nSec-WebSocket-Protocol: a, b\r\nOrigin: https://a.example\r\n\r\n`,
  `${UPGRADE}Content-Length: 5\r\n\r\nhello`,
  `GET /h2c HTTP/1.1\r\nHost: a.example\r\nUpgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AA\r\n\r\n`,
];

/** What a client may send before a 101, through the whole data plane: nothing reaches the backend that the client did not say. */
export const heads: Target = {
  name: "heads",
  seeds: () => STREAMS.map((text) => new Uint8Array(Buffer.from(text, "latin1"))),
  dictionary: [
    "\r\n",
    "\r\n\r\n",
    "\n",
    "\r",
    ":",
    " ",
    "\t",
    "\0",
    "GET ",
    "POST ",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    " HTTP/1.1",
    " HTTP/1.0",
    "Host: b.example\r\n",
    "Content-Length: 0\r\n",
    "Content-Length: 5\r\n",
    "Content-Length: +5\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Transfer-Encoding: identity\r\n",
    "Transfer-Encoding : chunked\r\n",
    "Connection: close\r\n",
    "Connection: Upgrade\r\n",
    "Upgrade: websocket\r\n",
    "Connection: host, content-length\r\n",
    "Expect: 100-continue\r\n",
    "TE: trailers\r\n",
    "Trailer: Host\r\n",
    "0\r\n\r\n",
    "ffffffffffffffff\r\n",
    "X-Forwarded-For: 1.2.3.4\r\n",
    "__proto__: 1\r\n",
    "%2e%2e/",
    "%00",
    "%2F",
    "//",
    "..",
    "http://",
    "@",
    "[::1]",
    "\xff",
    "Sec-WebSocket-Version: 8\r\n",
  ],
  maxBytes: 8_192,
  lanes: 8,
  open: async () => {
    const wire = await openWire(answerAll, HASTY_HEAD_MS);
    return { judge: (input) => judge(wire, Buffer.from(input).toString("latin1")), close: wire.close };
  },
};

/** Answers each request that a strict reader sees, as an honest backend does. */
async function answerAll(connection: RawPeer): Promise<void> {
  for (let answered = 0; ; answered += 1) {
    const bytes = await connection.until((received) => wholeRequests(received.toString("latin1")).length > answered);
    const request = wholeRequests(bytes.toString("latin1"))[answered];
    const key = request === undefined ? "" : (valuesOf(request.fields, "sec-websocket-key")[0] ?? "");
    if (request?.isUpgrade) await connection.send(switchingTo(`\r\nSec-WebSocket-Key: ${key}\r\n`));
    else await connection.send(`HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n${request?.method === "HEAD" ? "" : "ok"}`);
  }
}

function wholeRequests(text: string): readonly ReferenceRequest[] {
  return readRequests(text).requests.filter(({ whole }) => whole);
}

async function judge(wire: Wire, input: string): Promise<void> {
  const client = await wire.dial();
  await client.send(input).catch(() => {});
  // Every second client says that it has said everything.
  if (input.length % 2 === 0) client.end();
  await untilOver(client);
  const { backends, reports } = await wire.settle();
  const answer = client.text();
  if (answer !== "") match(answer, /^HTTP\/1\.1 [1-9]\d\d [^\r\n]*\r\n/u, "the client got what is no answer");
  const forwarded = backends.flatMap(judgeForwarded);
  const sent = readRequests(input).requests;
  for (const method of new Set(forwarded.map((request) => request.method))) {
    const count = (requests: readonly ReferenceRequest[]): number =>
      requests.filter((one) => one.method === method).length;
    ok(
      count(forwarded) <= count(sent),
      `the backend got ${count(forwarded)} ${method}, the client sent ${count(sent)}`,
    );
  }
  ok(reports.length >= forwarded.length, `${forwarded.length} requests were forwarded, ${reports.length} reported`);
  deepStrictEqual(new Set(reports.map(({ id }) => id)).size, reports.length, "two reports of one id");
}

function judgeForwarded(text: string): readonly ReferenceRequest[] {
  const { requests, rest } = readRequests(text);
  deepStrictEqual(rest, "", "the backend got what nobody can read");
  for (const { fields, version, isUpgrade, target } of requests) {
    deepStrictEqual(version, "HTTP/1.1");
    match(target, /^\//u, "the backend got another form of target");
    deepStrictEqual(valuesOf(fields, "host").length, 1, "the backend got no Host, or several");
    match(valuesOf(fields, "connection").join(), isUpgrade ? /^upgrade$/iu : /^(?:keep-alive|close)$/u);
    deepStrictEqual(valuesOf(fields, "upgrade").length, isUpgrade ? 1 : 0);
    for (const name of ["te", "keep-alive", "proxy-connection", "http2-settings", "trailer"]) {
      deepStrictEqual(valuesOf(fields, name), [], `${name} is hop-by-hop`);
    }
  }
  return requests;
}
