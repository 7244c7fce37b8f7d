import type { Mutant } from "./mutant.ts";

const SPINE = "test/proxy/handshake/handle-upgrade.test.ts";
const CHECK_SWITCH = "test/proxy/handshake/check-switch.test.ts";
const EARLY_BYTES = "delivers early bytes of both sides behind the 101, in order";

/** From the request's first byte to its 101 or refusal. */
export const HANDSHAKE_MUTANTS: readonly Mutant[] = [
  {
    name: "drop-early-client-bytes",
    harm: "The first message of a client that does not wait for the 101 is lost.",
    file: "src/proxy/relay/open-side.ts",
    find: "side.unread(Buffer.from(head));",
    replace: "",
    killedBy: { file: SPINE, title: EARLY_BYTES },
  },
  {
    name: "drop-bytes-behind-the-101",
    harm: "The first message of a backend that greets its clients is lost whenever it comes in one packet with the 101.",
    file: "src/proxy/handshake/connect.ts",
    find: "upstream.unread(answer.rest);",
    replace: "",
    killedBy: { file: SPINE, title: EARLY_BYTES },
  },
  {
    name: "forward-before-the-101",
    harm: "A client that is not upgraded smuggles a request of its own making past every rule.",
    file: "src/proxy/handshake/handle-upgrade.ts",
    find: "connect(permit, handshake, route, { parts, budget, dialling })",
    replace: `connect(permit, handshake, route, {
      parts: {
        ...parts,
        relay: {
          dial: async (target, signal) => {
            const side = await parts.relay.dial(target, signal);
            const send = side.write.bind(side);
            side.write = async (head) => send(Buffer.concat([head, (await client.read()) ?? Buffer.alloc(0)]));
            return side;
          },
        },
      },
      budget,
      dialling,
    })`,
    killedBy: {
      file: "test/proxy/handshake/backend-answers.test.ts",
      title: "such as a wrong Accept is 502, and the client's early bytes never left",
    },
  },
  {
    name: "leave-the-backend-open-when-the-client-leaves",
    harm: "Clients that give up during the handshake pile up connections that nobody will ever close at the backend.",
    file: "src/proxy/handshake/handshake-budget.ts",
    find: '  gone.addEventListener("abort", leave);\n',
    replace: "",
    killedBy: {
      file: "test/proxy/handshake/client-gone.test.ts",
      title: "takes the backend's connection with it, by reset",
    },
  },
  {
    name: "skip-the-accept-check",
    harm: "A cache or an echo that answers 101 by rote is joined to the client, who reads another's bytes as frames.",
    file: "src/proxy/handshake/check-switch.ts",
    find: '"sec-websocket-accept") !== acceptFor(offer.key)',
    replace: '"sec-websocket-accept") === null',
    killedBy: { file: CHECK_SWITCH, title: "refuses a 101 with a wrong Accept" },
  },
  {
    name: "accept-an-extension-never-offered",
    harm: "The backend compresses frames for a client that cannot inflate them.",
    file: "src/proxy/handshake/check-switch.ts",
    find: "!agreed.every((name) => offer.extensions.includes(name))",
    replace: "false",
    killedBy: { file: CHECK_SWITCH, title: "refuses a 101 with an extension never offered" },
  },
  {
    name: "accept-a-subprotocol-never-offered",
    harm: "Client and backend speak two languages over one connection, and the client has to fail it.",
    file: "src/proxy/handshake/check-switch.ts",
    find: " || !offer.subprotocols.includes(chosen)",
    replace: "",
    killedBy: { file: CHECK_SWITCH, title: "refuses a 101 with a subprotocol never offered" },
  },
  {
    name: "take-an-upgrade-with-a-body",
    harm: "The body of an upgrade becomes the first frames of a connection, or the next request of another reader.",
    file: "src/proxy/handshake/read-handshake.ts",
    find: "  requireNoBody(facts);\n  requireUpgrade(facts);",
    replace: "  requireUpgrade(facts);",
    killedBy: { file: SPINE, title: "for a chunked body gets one short answer" },
  },
  {
    name: "forward-fields-that-connection-names",
    harm: "Fields that were meant for one hop alone reach the backend.",
    file: "src/proxy/handshake/header-fields.ts",
    find: " && !named.has(key)",
    replace: "",
    killedBy: { file: SPINE, title: "keeps the casing and order of the client's fields" },
  },
  {
    name: "believe-everybody-about-the-client",
    harm: "Whoever writes X-Forwarded-For chooses the address that is logged, allowed and limited.",
    file: "src/proxy/handshake/forwarded-fields.ts",
    find: "    if (!trusted(nearest)) break;\n",
    replace: "",
    killedBy: { file: "test/proxy/handshake/forwarded-fields.test.ts", title: "findClientAddress" },
  },
  {
    name: "verify-no-backend",
    harm: "Whoever can answer at a backend's address reads and writes what TLS was to protect.",
    file: "src/proxy/relay/dial.ts",
    find: "rejectUnauthorized: tls.verify,",
    replace: "rejectUnauthorized: false,",
    killedBy: { file: "test/proxy/relay/dial.test.ts", title: "rejects with `tls` for another name" },
  },
  {
    name: "destroy-after-a-refusal",
    harm: "A refused client sees a reset connection instead of the status that tells it what is wrong.",
    file: "src/proxy/relay/held-side.ts",
    find: "    wire.end();\n    wire.resume();",
    replace: "    wire.destroy();",
    killedBy: { file: "test/proxy/relay/held-side.test.ts", title: "ends with a FIN, reads on until the peer's" },
  },
  {
    name: "refuse-without-a-report",
    harm: "Refused handshakes are in no log and no metric.",
    file: "src/proxy/handshake/handle-upgrade.ts",
    find: 'parts.report({ ...head, outcome: "refused"',
    replace: 'Object.freeze({ ...head, outcome: "refused"',
    killedBy: { file: SPINE, title: "for a chunked body gets one short answer" },
  },
];
