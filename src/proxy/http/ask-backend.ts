import type { Agent, ClientRequest, ServerResponse } from "node:http";
import { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { Stream } from "node:stream";
import type { FailureName } from "../../base/failures.ts";
import { messageOf } from "../../base/message-of.ts";
import type { Clock } from "../../base/ports.ts";
import type { Origin } from "./backend-agents.ts";
import type { WebProxy } from "./create-web-proxy.ts";
import type { OutgoingHead } from "./outgoing-head.ts";

/** One question to one endpoint. */
export type Question = {
  readonly head: OutgoingHead;
  readonly origin: Origin;
  readonly agent: Agent;
  /** Bounds TCP and TLS together, and the wait for a place in the pool. */
  readonly connectMs: number;
};

/** What the asker does while the question is under way. */
export type Asker = {
  readonly response: ServerResponse;
  readonly clock: Clock;
  /** Ends the question; its reason is what the promise rejects with. */
  readonly signal: AbortSignal;
  /** A connection stands: no byte of the body was read before, none may be needed again after. */
  readonly connected: (outgoing: ClientRequest) => void;
  /** The backend wants the body (RFC 9110 15.2.1). */
  readonly continued: () => void;
};

/** The backend's response head; its body is still to be read. */
export type Answer = { readonly incoming: IncomingMessage; readonly outgoing: ClientRequest };

/** Why an endpoint gave no answer, and whether asking again is safe. */
export class QuestionFailed extends Error {
  readonly failure: FailureName;
  /** False when no byte can have reached the backend. */
  readonly connected: boolean;
  /** The connection had served a request before: it may have been closing when we took it. */
  readonly reused: boolean;

  constructor(
    failure: FailureName,
    detail: string,
    progress: { readonly connected: boolean; readonly reused: boolean },
  ) {
    super(detail);
    this.name = "QuestionFailed";
    this.failure = failure;
    this.connected = progress.connected;
    this.reused = progress.reused;
  }
}

const UNASKED_SWITCH = "101 to a request without Upgrade";

/** Connections that have served a request, or stand ready to. */
const PROVEN = Symbol("proven");
type ProvenSocket = Socket & { [PROVEN]?: true };

/** Sends a request head through http-proxy and waits for the response head; rejects with QuestionFailed or the signal's reason. */
export function askBackend(proxy: WebProxy, question: Question, asker: Asker): Promise<Answer> {
  return new Promise((resolve, reject) => {
    asker.signal.throwIfAborted();
    const progress = { tcp: false, connected: false, reused: false };
    const timer = asker.clock.after(question.connectMs, () => {
      fail("ConnectTimeout", `no connection within ${question.connectMs} ms`);
    });
    let outgoing: ClientRequest | null = null;

    const settle = (): void => {
      timer.stop();
      asker.signal.removeEventListener("abort", onAbort);
    };
    const abandon = (error: unknown): void => {
      settle();
      reject(error);
      outgoing?.destroy();
    };
    const fail = (failure: FailureName, detail: string): void => abandon(new QuestionFailed(failure, detail, progress));
    const onAbort = (): void => abandon(asker.signal.reason);
    asker.signal.addEventListener("abort", onAbort, { once: true });

    const hook = (request: ClientRequest): void => {
      outgoing = request;
      // http-proxy drops a bare trailing `?`.
      if (!request.headersSent) request.path = question.head.target;
      request.on("error", (error) => fail(judge(error, progress, question.origin), error.message));
      request.on("close", () => fail("BackendReset", "closed before an answer"));
      request.on("continue", asker.continued);
      request.on("upgrade", (_answer, socket) => {
        socket.destroy();
        fail("InvalidBackendAnswer", UNASKED_SWITCH);
      });
      request.on("response", (incoming) => {
        incoming.on("error", ignore);
        // Without an Upgrade field of its own, a 101 is an ordinary response to Node.
        if (incoming.statusCode === 101) return fail("InvalidBackendAnswer", UNASKED_SWITCH);
        settle();
        resolve({ incoming, outgoing: request });
      });
      request.on("socket", (socket) => {
        whenConnected(socket, question.origin.tls !== null, progress, () => {
          timer.stop();
          asker.connected(request);
        });
      });
    };

    try {
      send(proxy, question, asker.response, hook);
      if (outgoing === null) fail("Internal", "http-proxy made no request");
    } catch (error) {
      fail("Internal", messageOf(error));
    }
  });
}

/** http-proxy pipes `buffer` into its request: the one moment at which it hands that request out. */
function send(
  proxy: WebProxy,
  question: Question,
  response: ServerResponse,
  hook: (request: ClientRequest) => void,
): void {
  const { head, origin, agent } = question;
  const message = new IncomingMessage(response.req.socket);
  message.method = head.method;
  message.url = head.target;
  message.headers = head.headers;
  const body = Object.assign(new Stream(), {
    pipe: <T extends NodeJS.WritableStream>(request: T): T => {
      hook(request as unknown as ClientRequest);
      return request;
    },
  });
  const target = {
    protocol: origin.tls === null ? "http:" : "https:",
    host: origin.address,
    hostname: origin.address,
    port: origin.port,
  };
  // Failures are heard on the request itself, where they cannot be mistaken for those of another attempt.
  proxy.web(message, response, { target, agent, buffer: body }, ignore);
}

type Progress = { tcp: boolean; connected: boolean; reused: boolean };

function whenConnected(socket: ProvenSocket, tls: boolean, progress: Progress, connected: () => void): void {
  const prove = (): void => {
    progress.connected = true;
    socket[PROVEN] = true;
    connected();
  };
  if (socket[PROVEN]) {
    progress.tcp = true;
    progress.reused = true;
    prove();
    return;
  }
  if (socket.connecting) {
    socket.once("connect", () => {
      progress.tcp = true;
    });
  } else {
    progress.tcp = true;
    if (!tls) return prove();
  }
  socket.once(tls ? "secureConnect" : "connect", prove);
}

function judge(error: NodeJS.ErrnoException, progress: Progress, origin: Origin): FailureName {
  if (progress.connected) return error.code?.startsWith("HPE_") === true ? "InvalidBackendAnswer" : "BackendReset";
  return progress.tcp && origin.tls !== null ? "BackendTlsFailed" : "ConnectFailed";
}

function ignore(): void {}
