import { type BigIntStats, constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import type { Clock } from "../base/ports.ts";
import type { FileProblem } from "./file-problem.ts";
import { FILE_START } from "./file-problem.ts";

/** A file's text, and how to tell without reading whether it is still the same. */
export type FileText = { readonly signature: string; readonly text: string };

/** What came of reading a file. A file that is gone, or that is no regular file, is not there. */
export type FileReading =
  | { readonly type: "text"; readonly file: FileText; readonly bytes: number }
  | { readonly type: "gone" }
  | { readonly type: "unreadable"; readonly problem: FileProblem };

/** Which file, and what is known of it from last time. */
export type FileRequest = {
  /** Where it is on this machine. */
  readonly path: string;
  /** What it is called in problems. */
  readonly name: string;
  readonly known: FileText | undefined;
  /** What is at the path, if that was just asked: an unchanged file is then not even opened. */
  readonly stat: BigIntStats | undefined;
  readonly maxBytes: number;
};

// Two writes within one tick of a file system's clock leave the same times; such a file is read again.
const settledAfterMs = 2_000;
const notSettled = "";

/** Reads a manifest file, bounded. Returns the known text itself if the file did not change. */
export async function readFile(request: FileRequest, clock: Clock): Promise<FileReading> {
  const unchanged = request.stat === undefined ? null : reuse(request.known, request.stat, clock);
  if (unchanged !== null) return unchanged;
  try {
    // O_NONBLOCK: opening a named pipe must not wait for its writer.
    const handle = await open(request.path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      return await readOpened(handle, request, clock);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (isGone(error)) return { type: "gone" };
    return unreadable(request.name, `the file cannot be read (${codeOf(error)})`, "a file that Fairlead may read");
  }
}

/** The code of a failed system call, such as EACCES. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "unknown error";
}

/** True if a system call failed because the file, or a directory on the way to it, is not there. */
export function isGone(error: unknown): boolean {
  return ["ENOENT", "ENOTDIR"].includes(codeOf(error));
}

async function readOpened(handle: FileHandle, request: FileRequest, clock: Clock): Promise<FileReading> {
  const stat = await handle.stat({ bigint: true });
  if (!stat.isFile()) return { type: "gone" };
  const { known, maxBytes, name } = request;
  if (stat.size > BigInt(maxBytes)) return tooLarge(name, maxBytes);
  const unchanged = reuse(known, stat, clock);
  if (unchanged !== null) return unchanged;
  const bytes = await readBounded(handle, maxBytes);
  if (bytes === undefined) return tooLarge(name, maxBytes);
  return decode(bytes, request, signatureOf(stat, clock));
}

/** What is known of a file that has not changed since; null if it has, or may have. */
function reuse(known: FileText | undefined, stat: BigIntStats, clock: Clock): FileReading | null {
  if (known === undefined || known.signature === notSettled || known.signature !== signatureOf(stat, clock))
    return null;
  return { type: "text", file: known, bytes: Number(stat.size) };
}

function signatureOf(stat: BigIntStats, clock: Clock): string {
  const changedMs = Number((stat.mtimeNs > stat.ctimeNs ? stat.mtimeNs : stat.ctimeNs) / 1_000_000n);
  if (clock.wallMs() - changedMs <= settledAfterMs) return notSettled;
  return [stat.dev, stat.ino, stat.size, stat.mtimeNs, stat.ctimeNs].join(":");
}

function decode(bytes: Buffer, request: FileRequest, signature: string): FileReading {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    // An equal text is given back as the same string, so that it need not be parsed again.
    const kept = request.known?.text === text ? request.known.text : text;
    return { type: "text", file: { signature, text: kept }, bytes: bytes.length };
  } catch {
    return unreadable(request.name, "the file is no UTF-8 text", "UTF-8");
  }
}

async function readBounded(handle: FileHandle, maxBytes: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let total = 0;
  for (;;) {
    const { buffer, bytesRead } = await handle.read({ buffer: Buffer.allocUnsafe(64 * 1024) });
    if (bytesRead === 0) return Buffer.concat(chunks, total);
    chunks.push(buffer.subarray(0, bytesRead));
    total += bytesRead;
    if (total > maxBytes) return undefined;
  }
}

function tooLarge(name: string, maxBytes: number): FileReading {
  return unreadable(name, "the file is too large", `at most ${maxBytes} bytes`);
}

function unreadable(name: string, message: string, expected: string): FileReading {
  return { type: "unreadable", problem: { file: name, ...FILE_START, reason: "Unreadable", message, expected } };
}
