import { match, ok } from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { HTTP_DEFAULTS } from "../../../src/proxy/listen/http-server.ts";
import type { RawPeer } from "../../harness/raw-client.ts";
import type { Target } from "../target.ts";
import { openWire, untilOver } from "./wire.ts";

/** RFC 6455 1.3: the key of its example, and what answers it. */
const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

const STAY_MS = 600;

const SWITCHING = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
const ANSWERS = [
  `${SWITCHING}Sec-WebSocket-Accept: ${ACCEPT}\r\n\r\n\x81\x02hi`,
  `${SWITCHING}Sec-WebSocket-Accept: ${ACCEPT}\r\nSec-WebSocket-Protocol: a\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n`,
  `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${SWITCHING}Sec-WebSocket-Accept: ${ACCEPT}\r\n\r\n`,
  "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-T: 1\r\n\r\n",
  "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\nConnection: close\r\n\r\nuntil the end",
  "HTTP/1.1 204 No Content\r\n\r\n",
  "HTTP/1.1 302 Found\r\nLocation: /other\r\nContent-Length: 0\r\nSet-Cookie: a=b\r\nSet-Cookie: c=d\r\n\r\n",
  "HTTP/1.0 200 OK\r\n\r\nold",
];

const UPGRADE = `GET /ws HTTP/1.1\r\nHost: a.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${KEY}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: a\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n`;
const PLAIN = "GET / HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n";

/** What a backend may answer, to upgrades and plain requests: a client never gets a 101 that is none, or a field that nobody wrote. */
export const answers: Target = {
  name: "answers",
  seeds: () =>
    ANSWERS.flatMap((text) => [`\x00${text}`, `\x01${text}`]).map(
      (text) => new Uint8Array(Buffer.from(text, "latin1")),
    ),
  dictionary: [
    "\r\n",
    "\r\n\r\n",
    "\n",
    "\r",
    "\0",
    ":",
    " ",
    "HTTP/1.1 ",
    "HTTP/1.1 100 Continue\r\n\r\n",
    "101",
    "200",
    "304",
    "999",
    "0\r\n\r\n",
    "Content-Length: 5\r\n",
    "Content-Length: 99999999999999999999\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Transfer-Encoding: gzip\r\n",
    "Connection: close\r\n",
    "Upgrade: h2c\r\n",
    `Sec-WebSocket-Accept: ${ACCEPT}\r\n`,
    "Sec-WebSocket-Protocol: b\r\n",
    "Sec-WebSocket-Extensions: x\r\n",
    "__proto__: 1\r\n",
    "ffffffff\r\n",
    "\x88\x00",
    "\x81\x7f\xff",
  ],
  maxBytes: 8_192,
  lanes: 8,
  open: async () => {
    let answer = Buffer.alloc(0);
    const wire = await openWire(async (connection) => {
      await connection.until("\r\n\r\n");
      await connection.send(answer.subarray(1));
      // Every second backend leaves at once; the others stay for longer than most timeouts, and say nothing more.
      if (answer.length % 2 !== 0) await delay(STAY_MS, null, { ref: false });
      connection.end();
      // Every head is whole: one that is given up on was only slow, and is no report.
    }, HTTP_DEFAULTS.headMs);
    return {
      judge: async (input) => {
        answer = Buffer.from(input);
        const client = await wire.dial();
        await client.send((answer[0] ?? 0) % 2 === 0 ? UPGRADE : PLAIN);
        await untilOver(client);
        const { reports } = await wire.settle();
        ok(reports.length === 1, `${reports.length} reports of one request: ${JSON.stringify(reports)}`);
        judgeClient(client, answer.toString("latin1", 1));
      },
      close: wire.close,
    };
  },
};

function judgeClient(client: RawPeer, answer: string): void {
  const text = client.text();
  if (text === "") return;
  const end = text.indexOf("\r\n\r\n");
  // A reset may cut even a head; what came of it must be right all the same.
  const lines = (end === -1 ? text.slice(0, text.lastIndexOf("\r\n")) : text.slice(0, end)).split("\r\n");
  match(lines[0] ?? "", /^HTTP\/1\.1 [1-9]\d\d [\t\x20-\x7e\x80-\xff]*$/u);
  for (const line of lines.slice(1))
    match(line, /^[!#$%&'*+.^_`|~\w-]+:[\t\x20-\x7e\x80-\xff]*$/u, "a field that is none");
  if (!text.startsWith("HTTP/1.1 101")) return;
  ok(/HTTP\/1\.1 101 [^\r\n]*\r\n/u.test(answer), "a 101 that the backend did not send");
  ok(answer.includes(ACCEPT), "a 101 without the right Sec-WebSocket-Accept");
}
