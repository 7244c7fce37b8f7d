import type { Socket } from "node:net";
import { FAILURES } from "../../base/failures.ts";
import type { Clock } from "../../base/ports.ts";
import { formatHead } from "../../proxy/handshake/header-fields.ts";
import { formatAddress } from "../../proxy/listen/bind.ts";
import { adviceFor } from "../failure-advice.ts";
import { bareHost } from "../request-url.ts";
import { type Conversation, sayGoodbye, sendEcho, sendPings } from "./converse.ts";
import { PROBE_FINDINGS, ProbeError } from "./findings.ts";
import { extensionsOf, judgeStatus, judgeSwitch } from "./judge-answer.ts";
import { connectTcp, type Lookup, resolveHost } from "./open-tcp.ts";
import { type ProbeDraft, startDraft } from "./probe-draft.ts";
import type { ProbeOptions } from "./probe-options.ts";
import type { ProbeFinding, ProbeResult } from "./probe-result.ts";
import { failureOf, readAnswer } from "./read-answer.ts";
import { createRedact, type Redact, withoutQuery } from "./redact.ts";
import { startTls } from "./start-tls.ts";
import { createTalk } from "./talk.ts";
import { Wire } from "./wire.ts";
import { type ProbeRequest, writeRequest } from "./write-request.ts";

/** What a probe uses of the world. */
export type ProbePorts = { readonly clock: Clock; readonly lookup: Lookup };

type Probing = {
  readonly options: ProbeOptions;
  readonly ports: ProbePorts;
  readonly draft: ProbeDraft;
  readonly request: ProbeRequest;
  readonly redact: Redact;
  readonly open: DisposableStack;
};

const SOON_MS = 14 * 24 * 3_600_000;

/**
 * Opens a WebSocket step by step, pings, sends a message, and closes, and says what each step found and how long it took.
 * Resolves with the result also when the server is not healthy; leaves no connection behind.
 */
export async function probe(options: ProbeOptions, ports: ProbePorts): Promise<ProbeResult> {
  const { url } = options;
  const request = writeRequest(options);
  const redact = createRedact(options.headers, url.target);
  const shown = `${url.scheme}://${url.authority}${redact.text(withoutQuery(url.target), 2_000)}`;
  const draft = startDraft(shown, ports.clock);
  using open = new DisposableStack();
  try {
    await follow({ options, ports, draft, request, redact, open });
    draft.set({ healthy: true });
  } catch (error) {
    if (!(error instanceof ProbeError)) throw error;
    draft.set({ finding: describe(error, draft) });
  }
  return draft.result();
}

async function follow(probing: Probing): Promise<void> {
  const { options, ports, draft } = probing;
  const socket = await openSocket(probing);
  const wire = new Wire(socket, ports.clock);
  probing.open.defer(() => wire.destroy());
  const deflate = await draft.take("handshake", () => shakeHands(probing, wire));
  const talk = createTalk(wire, deflate, ports.clock);
  const conversation: Conversation = { ...probing, talk, clock: ports.clock };
  const { message } = options;
  if (options.pings > 0) await draft.take("ping", () => sendPings(conversation));
  if (message !== null) await draft.take("echo", () => sendEcho(conversation, message));
  await draft.take("close", () => sayGoodbye(conversation));
}

async function openSocket({ options, ports, draft, open }: Probing): Promise<Socket> {
  const { url, connectTo, timeoutMs } = options;
  const host = connectTo?.host ?? bareHost(url.host);
  const target = { host, port: connectTo?.port ?? url.port, timeoutMs };
  const addresses = await draft.take("resolve", () => resolveHost(target, ports.lookup, ports.clock));
  draft.set({ addresses: addresses.map(({ address }) => address) });
  const socket = await draft.take("connect", () => connectTcp(target, addresses, ports.clock));
  open.defer(() => socket.destroy());
  const address = formatAddress({ host: socket.remoteAddress ?? "", port: socket.remotePort ?? target.port });
  draft.set({ connectedTo: address });
  return url.secure ? await draft.take("tls", () => secure({ options, ports, draft }, socket, address)) : socket;
}

async function secure(
  { options, ports, draft }: Pick<Probing, "options" | "ports" | "draft">,
  socket: Socket,
  address: string,
): Promise<Socket> {
  const { url, serverName, ca, timeoutMs, insecure } = options;
  const name = serverName ?? bareHost(url.host);
  const started = await startTls(socket, { name, address, ca, timeoutMs }, ports.clock);
  draft.set({ tls: started.tls });
  if (started.objection !== null) {
    if (!insecure) throw started.objection;
    draft.note("CertificateNotVerified", { reason: started.objection.message });
  }
  const { notAfter } = started.tls.certificate;
  const leftMs = Date.parse(notAfter) - ports.clock.wallMs();
  if (leftMs > 0 && leftMs < SOON_MS) draft.note("CertificateExpiresSoon", { notAfter });
  return started.socket;
}

/** Resolves with whether permessage-deflate was agreed on. */
async function shakeHands({ options, ports, draft, request, redact }: Probing, wire: Wire): Promise<boolean> {
  const { timeoutMs } = options;
  wire.write(formatHead(request.line, request.fields));
  draft.set({
    request: { line: redact.text(withoutQueryIn(request.line), 2_000), fields: request.fields.map(redact.field) },
  });
  const address = draft.result().connectedTo ?? "";
  const answer = await readAnswer(wire, { untilMs: ports.clock.monotonicMs() + timeoutMs, timeoutMs, address });
  const { status, reason, fields } = answer.head;
  const failure = status === 101 ? null : failureOf(answer);
  draft.set({
    response: {
      status,
      reason: redact.text(reason, 200),
      fields: fields.map(redact.field),
      body: redact.text(answer.body.trim(), 500),
      failure,
    },
  });
  if (status !== 101) throw judgeStatus(answer.head, failure, redact);
  const agreement = judgeSwitch(answer.head, request, options);
  const extensions = extensionsOf(answer.head);
  draft.set({
    subprotocol: agreement.subprotocol,
    extensions: extensions === "" ? null : redact.text(extensions, 500),
  });
  return agreement.extensions === "deflate";
}

function withoutQueryIn(line: string): string {
  return line.replace(/\?\S*/, (query) => withoutQuery(query));
}

function describe({ code, message }: ProbeError, draft: ProbeDraft): ProbeFinding {
  const { response } = draft.result();
  const step = draft.step();
  const failure = response?.failure ?? null;
  if (response === null || failure === null) {
    const reference = `docs/reference/probe.md#${code.toLowerCase()}`;
    return { step, code, sentence: `${message}.`, look: PROBE_FINDINGS[code].look, reference };
  }
  const title = FAILURES[failure].title.replace(/\.$/, "");
  const sentence = `the answer is ${response.status}, Fairlead's own: ${title} (${failure}).`;
  const id = response.fields.find((field) => /^x-request-id: /i.test(field))?.replace(/^[^:]*: /, "");
  const logged = id === undefined ? "" : ` The access log tells more of the request ${id}.`;
  return { step, code, sentence, look: `${adviceFor(failure)}${logged}`, reference: "docs/reference/failures.md" };
}
