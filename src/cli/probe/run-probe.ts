import { randomBytes } from "node:crypto";
import { lookup } from "node:dns/promises";
import { open } from "node:fs/promises";
import { CodedError } from "../../base/error-codes.ts";
import { messageOf } from "../../base/message-of.ts";
import { systemClock } from "../../base/system-clock.ts";
import type { Invocation } from "../command.ts";
import { mistakesOf, UsageError } from "../complain.ts";
import { escapeText } from "../escape-text.ts";
import type { ExitCode } from "../exit-codes.ts";
import { printResult } from "../output.ts";
import type { Surroundings } from "../surroundings.ts";
import { printProbe } from "./print-probe.ts";
import { probe } from "./probe.ts";
import { readOptions } from "./read-options.ts";

const MAX_CA_BYTES = 1024 * 1024;

/** `fairlead probe URL`: whether a WebSocket can be opened there. Resolves to the exit code: 0 healthy, 1 not. */
export async function runProbe({ operands, flags, format }: Invocation, surroundings: Surroundings): Promise<ExitCode> {
  const file = flags["caFile"];
  const ca = typeof file === "string" ? await readCa(file) : null;
  // No server knows it, so that what comes back is an echo.
  const message = `fairlead probe ${randomBytes(8).toString("hex")}`;
  const read = readOptions(operands[0] ?? "", flags, { ca, message });
  if (!read.ok) throw new UsageError(mistakesOf("InvalidArgument", read.errors));
  const ports = { clock: systemClock, lookup: (host: string) => lookup(host, { all: true, order: "verbatim" }) };
  const result = await untilEnd(probe(read.options, ports));
  surroundings.write(printResult(format, result, () => printProbe(result, surroundings.colour)));
  return result.healthy ? 0 : 1;
}

async function readCa(path: string): Promise<string> {
  try {
    await using handle = await open(path);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(MAX_CA_BYTES), 0, MAX_CA_BYTES, 0);
    return buffer.toString("utf8", 0, bytesRead);
  } catch (error) {
    const sentence = `--ca-file ${escapeText(path, 300)}: ${escapeText(messageOf(error), 300)}`;
    throw new CodedError("FileUnreadable", sentence, { cause: error });
  }
}

/** The system clock's timers do not keep the process alive; a server that says nothing must not end the probe unsaid. */
async function untilEnd<Result>(work: Promise<Result>): Promise<Result> {
  const awake = setInterval(() => {}, 60_000);
  try {
    return await work;
  } finally {
    clearInterval(awake);
  }
}
