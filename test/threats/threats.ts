/** A test that holds a threat off: its file, and its title as it is written there. */
export type Proof = { readonly file: string; readonly title: string };

/** Something that is done to proxies of WebSockets, and the tests that show that Fairlead stands it. */
export type Threat = { readonly number: number; readonly name: string; readonly proofs: readonly Proof[] };

/** The numbers of the threats that concern what there is today; those of statuses, Redis, tokens and the image come with them. */
export const NUMBERS: readonly number[] = [...span(1, 16), 20, ...span(23, 29), 33];

const HANDSHAKE = "test/proxy/handshake/";
const LISTEN = "test/proxy/listen/";
const HARD = "test/hardening/";

/**
 * Every threat, once. Where no other test does, test/threats holds one of its own. threats.test.ts proves of this table
 * that each proof exists under its title and is not skipped; whether the proof itself is red or green is said where it is
 * run, in its own file (those of test/hardening by `npm run test:hardening`).
 */
export const THREATS: readonly Threat[] = [
  threat(1, "smuggling behind a handshake of a wrong version", [
    ["test/threats/smuggling.test.ts", "a request behind a handshake of a wrong version reaches nobody"],
    [`${HANDSHAKE}handle-upgrade.test.ts`, "for %s gets one short answer, and no backend is dialled"],
  ]),
  threat(2, "smuggling behind a backend's false 101", [
    [`${HANDSHAKE}backend-answers.test.ts`, "such as %s is 502, and the client's early bytes never left"],
    [
      `${HANDSHAKE}check-switch.test.ts`,
      "refuses whatever is agreed to when nothing was offered, and a 101 of HTTP/1.0",
    ],
  ]),
  threat(3, "a tunnel before the 101 (CVE-2026-2833, CVE-2025-64763)", [
    ["test/threats/smuggling.test.ts", "a request behind a handshake that is answered %s reaches nobody"],
    [`${HANDSHAKE}handle-upgrade.test.ts`, "delivers early bytes of both sides behind the 101, in order"],
    [
      "test/proxy/relay/held-side.test.ts",
      "pauses its connection while it holds enough, and resumes it when some was read",
    ],
  ]),
  threat(4, "smuggling by h2c", [
    [`${HANDSHAKE}handle-upgrade.test.ts`, "take the plain path: %s"],
    ["test/proxy/http/forward.test.ts", "sends an h2c upgrade on as the plain request that it also is"],
  ]),
  threat(5, "two readers of one request", [
    ["test/proxy/http/smuggling.test.ts", "with %s is refused, and its connection closed"],
    ["test/proxy/http/smuggling.test.ts", "keeps the length of a %s with a body"],
    [`${LISTEN}http-listener.test.ts`, "%s is answered and reported"],
  ]),
  threat(6, "fields that Connection names", [
    [`${HANDSHAKE}header-fields.test.ts`, "refuses a Connection field that names %s"],
    [`${HANDSHAKE}header-fields.test.ts`, "drops hop-by-hop fields and those that Connection names"],
    ["test/proxy/http/forward.test.ts", "keeps casing, order and duplicates, and drops every hop-by-hop field"],
  ]),
  threat(7, "hosts that are none, or two", [
    [`${HANDSHAKE}read-authority.test.ts`, "refuses %j"],
    [`${HANDSHAKE}read-authority.test.ts`, "refuses a request without a Host field, and one with two"],
    [`${HANDSHAKE}read-authority.test.ts`, "takes an absolute-form target only if it repeats the Host field"],
  ]),
  threat(8, "paths that are matched as one thing and forwarded as another", [
    [`${HANDSHAKE}path-property.test.ts`, "for over 200 writings of two paths with different protection"],
    [
      `${HANDSHAKE}normalise-path.test.ts`,
      "is idempotent, and never gives a path that spells the same resource in two ways",
    ],
  ]),
  threat(9, "forged forwarding fields", [
    [`${HANDSHAKE}forwarded-fields.test.ts`, "drops every claim of an untrusted peer and writes what we know"],
    [
      `${HANDSHAKE}header-fields.test.ts`,
      "keeps casing, order and duplicates, and leaves out names with an underscore",
    ],
    [`${HANDSHAKE}read-request.test.ts`, "believes nothing of an untrusted peer"],
  ]),
  threat(10, "WebSockets that another site's page opens", [
    ["test/policy/allowed-origins.test.ts", "refuses %j when %j are allowed"],
    ["test/policy/allowed-origins.test.ts", "refuses a request that names two origins, though each is allowed"],
    [`${HANDSHAKE}handle-upgrade.test.ts`, "from a foreign origin gets 403 before anything is dialled"],
  ]),
  threat(11, "a connection of one host, used for another", [
    [
      "test/app/certificates.test.ts",
      "must have the same TLS settings, or the answer is 421, for plain requests and upgrades alike",
    ],
    [
      "test/app/tls-hosts.test.ts",
      "are served on a connection that was opened for them, and refused with 421 on any other",
    ],
  ]),
  threat(12, "buffers without a bound", [
    ["test/proxy/relay/node-relay.test.ts", "bounds what a client that never reads can make it hold"],
    [
      "test/proxy/http/streaming.test.ts",
      "stops reading the backend when the client does not read, and gives up on a client that goes on so",
    ],
    [
      "test/proxy/http/streaming.test.ts",
      "stops reading the client when the backend does not read, and answers 504 when it goes on so",
    ],
    [`${HARD}stalled-readers.test.ts`, "200 peers that stop reading cost little, and nobody else notices: %s"],
    [`${HARD}memory.test.ts`, "a cgroup that fills sheds those who fill it, and the kernel kills nobody"],
    [
      "test/proxy/relay/queue-pool.test.ts",
      "Over the bound, those are let go that have been waited for longest, until it is kept, and after the present turn.",
    ],
  ]),
  threat(13, "messages that grow when they are inflated", [
    ["test/threats/compression.test.ts", "a gigabyte of zeros passes as the megabyte that it is on the wire"],
    [
      "test/app/websocket.test.ts",
      "compress by permessage-deflate between themselves, with what was negotiated unchanged",
    ],
  ]),
  threat(14, "handshakes that take their time", [
    [`${LISTEN}http-listener.test.ts`, "a client that dribbles its head gets no more time"],
    [`${LISTEN}https-listener.test.ts`, "one that sends %s is closed on time"],
    [`${HANDSHAKE}backend-answers.test.ts`, "but %s is 504 when the budget is spent, and not before"],
    [`${HARD}slowloris.test.ts`, "slow handshakes end at their deadline, and good ones are served meanwhile"],
  ]),
  threat(15, "floods of connections, and no descriptors left", [
    [
      "test/app/limits.test.ts",
      "Beyond --max-connections a handshake is answered 503, what is open stays open, and there is room again after a close",
    ],
    [
      "test/app/limits.test.ts",
      "Beyond --max-connections-per-client a connection is closed at accept, reported and counted, unless the peer is trusted",
    ],
    [
      `${LISTEN}few-descriptors.test.ts`,
      "without file descriptors, connections wait or end, live ones are served, and the process stays calm",
    ],
    [`${HARD}floods.test.ts`, "with 512 descriptors a flood costs nobody their connection, and passes"],
    [`${HARD}floods.test.ts`, "a flood from eight addresses leaves room for everybody else"],
    [`${HARD}tenants.test.ts`, "a route that is flooded takes nothing from another"],
  ]),
  threat(16, "weak TLS, renegotiation, and callbacks that throw (CVE-2026-21637)", [
    [`${LISTEN}https-listener.test.ts`, "TLS 1.1 is refused everywhere"],
    [`${LISTEN}https-listener.test.ts`, "the CBC suite %s is refused"],
    [`${LISTEN}https-listener.test.ts`, "one that renegotiates gets nowhere, and nobody else notices"],
    [`${LISTEN}https-listener.test.ts`, "refuses its host, says so in the log, and leaves the others alone"],
    [`${LISTEN}client-hello.test.ts`, "never make it throw, nor ask for more than its bound"],
  ]),
  threat(20, "reading every Secret there is", [
    [
      "test/app/cluster.test.ts",
      "only Secrets that routes name are read, by name, and a rotated certificate is served after its route changes",
    ],
    ["test/translate/named-secrets.test.ts", "are not those of other classes, nor those that no grant permits"],
    ["test/kube/api-client.test.ts", "tells no credential in a failure"],
  ]),
  threat(23, "tokens in queries, and from there in logs", [
    [
      "test/app/reports.test.ts",
      "No secret of a request, a frame or a Secret is in anything that the process writes, at level debug (%s)",
    ],
    ["test/app/no-secret-told.test.ts", "are told to nobody when it fails with $failure"],
    [
      "test/cli/exit-on-crash.test.ts",
      "Threat 23: a process that is ended by a defect (%s) says where, and no secret that the error knows",
    ],
    [`${HANDSHAKE}handle-upgrade.test.ts`, "never repeats a query, where tokens live, in its report"],
    ["test/harness/sentinels.test.ts", "finds what comes after a first look, across the place of that look"],
  ]),
  threat(24, "health, metrics and debugging in front of the world", [
    [
      "test/app/start-failures.test.ts",
      "are never served on a data port, whatever the Host, in whatever form they are asked for",
    ],
    [
      "test/cli/process.test.ts",
      "starts no inspector when it is signalled, and has no __proto__, however Node was started",
    ],
    [
      "test/app/debug-access.test.ts",
      "on loopback /debug is for whoever calls it by a loopback name: a name bound to this machine gets nothing",
    ],
    [
      "test/app/debug-access.test.ts",
      "a page of another origin in a browser of this machine gets nothing, and cuts nothing",
    ],
    [
      "test/app/debug-access.test.ts",
      "an admin address that others reach serves no /debug without a token, and says so at the start",
    ],
    [
      "test/app/debug-access.test.ts",
      "with --admin-token-file /debug needs the token that is in the file now, and nothing else does",
    ],
  ]),
  threat(25, "names like those of members of objects (CVE-2026-21710)", [
    [
      "test/app/hostile-names.test.ts",
      "Fields named like members of objects pass or are dropped, in requests, answers and trailers, and end nothing",
    ],
    ["test/policy/parse-policies.test.ts", "takes names of the prototype for what they are"],
    [`${HANDSHAKE}header-fields.test.ts`, "groups by name in lower case, also names like those of members of objects"],
  ]),
  threat(26, "patterns that take for ever", [
    ["test/table/pattern.test.ts", "a host full of %s does not hold up the process"],
    ["test/table/pattern.test.ts", "is not even parsed when its text alone says that it is far too large"],
    ["test/table/match.test.ts", "a path over 2 KiB is too long for a host with patterns, and only there"],
  ]),
  threat(27, "names that are chosen to collide (CVE-2026-21717)", [
    ["test/threats/collisions.test.ts", "heads full of numbers for names cost what heads full of words do"],
    [
      `${LISTEN}doorkeeper.test.ts`,
      "remembers nobody when all are gone, whatever happened in between, also between connections of one name",
    ],
    ["test/observe/metrics.test.ts", "is of a size that no client can change"],
  ]),
  threat(28, "lines that forge a log", [
    [
      "test/app/forged-lines.test.ts",
      "Threat 28: no text of a client or an author forges a line of a JSON log, and each request has one line",
    ],
    [
      "test/app/forged-lines.test.ts",
      "Threat 28: no text of a client or an author breaks a line that a person reads, or colours it",
    ],
    ["test/observe/log.test.ts", "in %s, keeps foreign text on its line and cuts it"],
    ["test/observe/line-budget.test.ts", "allows a burst of each kind, and then so many a second, whatever comes"],
    [`${HANDSHAKE}request-id.test.ts`, "keeps nothing of %j"],
  ]),
  threat(29, "changes that never stop", [
    ["test/controller/controller.test.ts", "never waits longer than 500 ms, however many follow"],
    [
      "test/controller/controller.test.ts",
      "publishes nothing if the tables are equal to those in use, and still reports",
    ],
    ["test/base/settle-down.test.ts", "events that never stop are answered at the ceiling, each time"],
  ]),
  threat(33, "a stranger in the place of the API server", [
    ["test/kube/api-client.test.ts", "is refused by a certificate of another CA, and by one for another name"],
    ["test/kube/api-client.test.ts", "that is answered %i fails as %s"],
    [
      "test/kube/api-client.test.ts",
      "fails for what is no JSON, for an answer without end, and for one that breaks off",
    ],
    ["test/kube/connection.test.ts", "sends no credential without TLS, and only to this machine"],
  ]),
];

function threat(number: number, name: string, proofs: readonly (readonly [file: string, title: string])[]): Threat {
  return { number, name, proofs: proofs.map(([file, title]) => ({ file, title })) };
}

function span(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
