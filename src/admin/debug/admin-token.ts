import { createHash, timingSafeEqual } from "node:crypto";
import { open } from "node:fs/promises";
import { CodedError } from "../../base/error-codes.ts";
import { messageOf } from "../../base/message-of.ts";

/** The token that /debug asks for. */
export type AdminToken = {
  /** True if the text is the token that the file holds now. Rejects with a sentence when the file holds none. */
  readonly accepts: (text: string) => Promise<boolean>;
  /** Rejects with a sentence when the file holds no token. */
  readonly check: () => Promise<void>;
};

const MIN_LENGTH = 16;
const MAX_BYTES = 4_096;

/** A token in a file, which is read again each time it is needed: a rotated one counts at once. White space around it does not. */
export function createAdminToken(path: string): AdminToken {
  const read = async (): Promise<Buffer> => digest(await readToken(path));
  return {
    // Digests are of one length, which a comparison in constant time asks for.
    accepts: async (text) => timingSafeEqual(await read(), digest(text)),
    check: async () => {
      await read();
    },
  };
}

async function readToken(path: string): Promise<string> {
  const text = await readStart(path).catch((error: unknown) => {
    throw new CodedError("InvalidTokenFile", `--admin-token-file ${path}: cannot be read: ${messageOf(error)}`);
  });
  const token = text.trim();
  if (token.length >= MIN_LENGTH && text.length < MAX_BYTES && !/\s/.test(token)) return token;
  throw new CodedError(
    "InvalidTokenFile",
    `--admin-token-file ${path}: expected one token of ${MIN_LENGTH} to ${MAX_BYTES - 1} characters without white space`,
  );
}

async function readStart(path: string): Promise<string> {
  await using file = await open(path, "r");
  const { buffer, bytesRead } = await file.read(Buffer.alloc(MAX_BYTES), 0, MAX_BYTES, 0);
  return buffer.toString("utf8", 0, bytesRead);
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
