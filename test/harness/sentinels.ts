/**
 * What nobody but its owner may ever read. Clients of the harness put words that begin with SENTINEL wherever a request
 * can hold a secret; whatever a part of Fairlead writes or shows is exposed; after each test, no such word and no key may
 * be in what was exposed (see search-exposed.ts).
 */
export const SENTINEL = "SENTINEL-";

/** One text that grows, such as a log. */
export type Exposure = {
  readonly where: string;
  /** More of it, as it comes. */
  readonly add: (text: string) => void;
};

/** A secret that was found in a text that people can read. */
export type Finding = { readonly where: string; readonly around: string };

type Stream = { readonly where: string; unread: string[]; tail: string };

const streams: Stream[] = [];
const keys = new Set<string>();
const counts = { exposedBytes: 0, carried: 0 };

/** A word that must stay secret: `kind` tells where it leaked from. */
export function sentinel(kind: string): string {
  return `${SENTINEL}${kind}`;
}

/** Begins a text that people can read: a log, the output of a command, a page. */
export function expose(where: string): Exposure {
  const stream: Stream = { where, unread: [], tail: "" };
  streams.push(stream);
  return {
    where,
    add: (text) => {
      counts.exposedBytes += text.length;
      stream.unread.push(text);
    },
  };
}

/** A key that was made at run time: from now on it must be nowhere either, as text or in base64 once more. */
export function keepSecret(key: string): void {
  const lines = key.split("\n").filter((line) => line.length >= 40 && !line.startsWith("-----"));
  for (const line of lines) keys.add(line.slice(0, 40));
  const encoded = Buffer.from(key).toString("base64").slice(40, 80);
  // An empty text is in every other.
  if (encoded.length === 40) keys.add(encoded);
}

/** Notes that a client sent bytes, for the count of those with a secret in them. */
export function noteSent(bytes: string | Uint8Array): void {
  const found =
    typeof bytes === "string"
      ? bytes.includes(SENTINEL)
      : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(SENTINEL);
  if (found) counts.carried += 1;
}

/** What was exposed since the last call and should not have been. */
export function takeFindings(): readonly Finding[] {
  return streams.flatMap(searchStream);
}

/** Throws if something was exposed since the last look that should not have been. */
export function requireNoFindings(): void {
  const [first, ...more] = takeFindings();
  if (first === undefined) return;
  throw new Error(`a secret is in ${first.where} (and in ${more.length} more): ${JSON.stringify(first.around)}`);
}

/** Bytes that were exposed, and requests that carried a secret, since the start of this test file. */
export function exposureCounts(): Readonly<typeof counts> {
  return { ...counts };
}

/** Longer than anything that is searched for, so that what was cut in two is found. */
const OVERLAP = 200;

function searchStream(stream: Stream): readonly Finding[] {
  if (stream.unread.length === 0) return [];
  const text = stream.tail + stream.unread.join("");
  stream.unread = [];
  const at = find(text);
  // What was found is told once.
  stream.tail = at < 0 ? text.slice(-OVERLAP) : "";
  return at < 0 ? [] : [{ where: stream.where, around: text.slice(Math.max(0, at - 120), at + 60) }];
}

/** A base64 of the word at each of the three places in which it can begin, without the characters that its neighbours decide. */
const ENCODED = [0, 1, 2].map((before) => {
  const text = Buffer.from(`${"\0".repeat(before)}${SENTINEL}`)
    .toString("base64")
    .replaceAll("=", "");
  return text.slice(before === 0 ? 0 : before + 1, -1);
});

const WORDS = new RegExp(`${SENTINEL}|PRIVATE KEY-----|${ENCODED.map((text) => RegExp.escape(text)).join("|")}`, "i");

function find(text: string): number {
  const word = text.search(WORDS);
  if (word >= 0) return word;
  const found = [...keys].map((key) => text.indexOf(key)).filter((at) => at >= 0);
  return found.length === 0 ? -1 : Math.min(...found);
}
