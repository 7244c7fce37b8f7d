import type { IncomingMessage } from "node:http";
import { StringDecoder } from "node:string_decoder";
import type { Clock } from "../base/ports.ts";
import { ApiFailure, failureOfError } from "./api-failure.ts";
import { createWatchdog } from "./watchdog.ts";

/** A page of 500 objects of ten times the usual size; a server that is none can send no more than this. */
const MAX_JSON_BYTES = 64 * 1024 * 1024;

/** Objects are at most 1.5 MiB in etcd, and their JSON is hardly larger. */
const MAX_LINE_LENGTH = 8 * 1024 * 1024;

const MAX_ERROR_BYTES = 64 * 1024;

/** How an answer is read. */
export type AnswerLimits = {
  readonly clock: Clock;
  /** The answer is given up after this long without a byte. */
  readonly silenceMs: number;
};

/** The whole of an answer as JSON. Rejects with an ApiFailure. */
export async function readJson(response: IncomingMessage, limits: AnswerLimits): Promise<unknown> {
  const text = await readText(response, limits, MAX_JSON_BYTES);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new ApiFailure("malformed", "the API server's answer is no JSON");
  }
}

/** What an answer that is no success says of itself: the message of its Status object, or nothing. */
export async function readMessage(response: IncomingMessage, limits: AnswerLimits): Promise<string> {
  try {
    const status = JSON.parse(await readText(response, limits, MAX_ERROR_BYTES)) as {
      readonly message?: unknown;
    } | null;
    return typeof status?.message === "string" ? status.message : "";
  } catch {
    return "";
  }
}

/**
 * The lines of an answer as they come, in batches; the first batch is empty and says that the answer has begun. A half
 * line at the end is dropped. Ends when the server ends it; throws an ApiFailure when anything else does.
 */
export async function* readLines(
  response: IncomingMessage,
  limits: AnswerLimits,
): AsyncGenerator<readonly string[], void, void> {
  const decoder = new StringDecoder("utf8");
  let parts: string[] = [];
  let length = 0;
  yield [];
  for await (const chunk of readChunks(response, limits)) {
    const [first = "", ...others] = decoder.write(chunk).split("\n");
    const rest = others.pop();
    parts.push(first);
    length = (rest ?? first).length + (rest === undefined ? length : 0);
    if (length > MAX_LINE_LENGTH) {
      throw new ApiFailure("oversized", `a watch event is longer than ${MAX_LINE_LENGTH} characters`);
    }
    const lines = rest === undefined ? [] : [parts.join(""), ...others];
    if (rest !== undefined) parts = [rest];
    yield lines.filter((line) => line.trim() !== "");
  }
}

async function readText(response: IncomingMessage, limits: AnswerLimits, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of readChunks(response, limits)) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new ApiFailure("oversized", `the API server's answer is longer than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

async function* readChunks(
  response: IncomingMessage,
  { clock, silenceMs }: AnswerLimits,
): AsyncGenerator<Buffer, void, void> {
  const watchdog = createWatchdog(clock, silenceMs, () => {
    response.destroy(new ApiFailure("silent", `the API server sent nothing for ${Math.round(silenceMs / 1_000)} s`));
  });
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      watchdog.fed();
      yield chunk;
      watchdog.fed();
    }
  } catch (error) {
    throw failureOfError(error, true);
  } finally {
    watchdog.stop();
    response.destroy();
  }
}
