import type { Mutant } from "./mutant.ts";

const CLOSE_FRAME = "test/proxy/relay/close-frame.test.ts";
const GOODBYE = "test/proxy/relay/goodbye.test.ts";
const ENDS = "test/proxy/relay/ends.test.ts";
const CONNECTIONS = "test/proxy/relay/connections.test.ts";
const RE_JUDGE = "test/proxy/relay/re-judge.test.ts";

/** Frames, ends, drain and reports. */
export const RELAY_MUTANTS: readonly Mutant[] = [
  {
    name: "inject-close-inside-a-frame",
    harm: "A drain puts a Close into the middle of a payload: the client's message is corrupt and its connection fails.",
    file: "src/proxy/relay/direction.ts",
    find: "if (this.insideFrame) this.#closeAfterFrame = words;",
    replace: "if (this.deaf) this.#closeAfterFrame = words;",
    killedBy: { file: GOODBYE, title: "finishes a frame before its Close" },
  },
  {
    name: "inject-ping-inside-a-frame",
    harm: "Turning pings on corrupts every message that is longer than a packet.",
    file: "src/proxy/relay/direction.ts",
    find: "if (this.insideFrame) this.#pingAfterFrame = frame;",
    replace: "if (this.deaf) this.#pingAfterFrame = frame;",
    killedBy: { file: "test/proxy/relay/close-injection.test.ts", title: "is kept out of a frame that is under way" },
  },
  {
    name: "send-codes-that-must-not-be-sent",
    harm: "A client gets a Close with 1005 or 1006, which RFC 6455 has it treat as a broken connection.",
    file: "src/proxy/relay/close-frame.ts",
    find: "if (!mayBeSent(words.code)) return",
    replace: "if (!Number.isInteger(words.code)) return",
    killedBy: { file: CLOSE_FRAME, title: "never get onto the wire" },
  },
  {
    name: "leave-our-frames-to-the-backend-unmasked",
    harm: "Every drain and ping makes backends fail the connection for a protocol error.",
    file: "src/proxy/relay/close-frame.ts",
    find: 'const masked = to === "backend";',
    replace: "const masked = false;",
    killedBy: { file: CLOSE_FRAME, title: "masked toward the backend only" },
  },
  {
    name: "swallow-every-pong",
    harm: "A backend whose own pings are never answered drops its live clients.",
    file: "src/proxy/relay/close-frame.ts",
    find: "return controlPayload(frame).every((byte, index) => byte === payload[index]);",
    replace: "return true;",
    killedBy: { file: CLOSE_FRAME, title: "is not one with other bytes" },
  },
  {
    name: "forward-what-follows-our-close",
    harm: "A peer that was told goodbye gets frames behind its Close, and fails the connection instead of closing it.",
    file: "src/proxy/relay/direction.ts",
    find: "    this.closed = words;\n    this.mute();",
    replace: "    this.closed = words;\n    this.#closeAfterFrame = null;",
    killedBy: { file: GOODBYE, title: "finishes a frame before its Close" },
  },
  {
    name: "destroy-the-client-on-a-backend-fin",
    harm: "When a backend dies, clients see a broken connection without a code and without its last bytes.",
    file: "src/proxy/relay/goodbye.ts",
    find: 'else backend.close(CLOSE_WORDS["backend-lost"].client);',
    replace: "else client.source.destroy();",
    killedBy: { file: ENDS, title: "says 1014 to the client after a backend's fin" },
  },
  {
    name: "destroy-instead-of-lingering-after-a-close",
    harm: "A client that is still sending when we close gets a reset, and never reads the Close or its code.",
    file: "src/proxy/relay/outlet.ts",
    find: "else this.wire.end();",
    replace: "else this.wire.destroy();",
    killedBy: { file: GOODBYE, title: "broke the protocol and sends on read its Close" },
  },
  {
    name: "kill-both-directions-on-a-failed-write",
    harm: "What a backend said before it left is lost when the client happens to send something.",
    file: "src/proxy/relay/wire.ts",
    find: "if (error) this.#refuse(error);",
    replace: "if (error) this.stream.destroy(error);",
    killedBy: { file: ENDS, title: "although writing to it has failed meanwhile" },
  },
  {
    name: "never-pause-the-source",
    harm: "One client that does not read makes the memory grow until the process is killed with everybody's connections.",
    file: "src/proxy/relay/direction.ts",
    find: "if (waiting > queueBytes && !this.muted) this.source.pause();",
    replace: "",
    killedBy: { file: GOODBYE, title: "resets a blocked sink when closeMs ends first" },
  },
  {
    name: "report-twice",
    harm: "Connections are counted and billed twice, and what their gates took is given back twice.",
    file: "src/proxy/relay/connections.ts",
    find: "      open.delete(end.id);\n",
    replace: "",
    killedBy: { file: CONNECTIONS, title: "A second end of the same id" },
  },
  {
    name: "report-never",
    harm: "Nobody can find out why a connection ended.",
    file: "src/proxy/relay/connections.ts",
    find: "        report(toReport(connection, end));\n",
    replace: "",
    killedBy: { file: CONNECTIONS, title: "A report joins what the handshake found" },
  },
  {
    name: "close-routes-that-say-keep",
    harm: "Deleting a route ends live connections whose owner asked for them to be kept.",
    file: "src/proxy/relay/re-judge.ts",
    find: 'connection.drain.onRouteDeleted === "Keep" || ',
    replace: "",
    killedBy: { file: RE_JUDGE, title: "Only connections whose route is gone and who asked for Close" },
  },
  {
    name: "close-on-every-swap",
    harm: "Each change of any route cuts every live connection, as in the proxies that Fairlead is to replace.",
    file: "src/proxy/relay/re-judge.ts",
    find: "if (isGone(route)) orphans.set",
    replace: "if (isGone(route) || present.size > 0) orphans.set",
    killedBy: { file: RE_JUDGE, title: "500 swaps that keep the route" },
  },
  {
    name: "drain-all-at-once",
    harm: "Every client of a replica that leaves reconnects in the same second, and the next replica falls over.",
    file: "src/proxy/relay/close-turns.ts",
    find: "dueMs: startMs + (windowMs * (index + random())) / ids.length",
    replace: "dueMs: startMs + 0 * windowMs * index * random()",
    killedBy: { file: "test/proxy/relay/drain.test.ts", title: "(seed 1)" },
  },
];
