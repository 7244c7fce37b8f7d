import { type DestinationStream, pino, stdTimeFunctions } from "pino";
import { prettyFactory } from "pino-pretty";
import type { Log, LogFields } from "../base/ports.ts";

/** The levels of a log, least first. */
export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;

/** How a log is written: one JSON object a line, or coloured lines for a person. */
export const LOG_FORMATS = ["json", "pretty"] as const;

/** One of LOG_LEVELS. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** One of LOG_FORMATS. */
export type LogFormat = (typeof LOG_FORMATS)[number];

/** Where a log's lines go. */
export type LogDestination = DestinationStream & {
  /** Bytes that were written and not yet taken; absent where writing waits for its reader. */
  readonly unwritten?: () => number;
};

/** What a log needs: its format and level, and where it goes. */
export type LogOptions = {
  readonly format: LogFormat;
  readonly level: LogLevel;
  readonly destination: LogDestination;
  readonly colour: boolean;
};

/** A log that has a reader, who may be too slow. */
export type OutputLog = Log & {
  /** Lines that were thrown away since the start because too many waited for the reader. */
  readonly lost: () => number;
};

/** The longest string that a log field holds, in bytes of UTF-8 once it is escaped; what is longer is cut and marked. */
const MAX_FIELD_BYTES = 1_024;

/** A reader that stands still costs this much memory, and then lines; never a connection. */
const MAX_UNWRITTEN_BYTES = 16 * 1_024 * 1_024;

/** Values nested deeper than this are not written: no log field of Fairlead's is. */
const MAX_DEPTH = 6;

/** Members of a list or an object beyond this many are not written. */
const MAX_MEMBERS = 100;

/** A log through pino. Foreign strings are cut at 1 KiB and control characters escaped, so that no value forges a line or a colour. */
export function createLog(options: LogOptions): OutputLog {
  const logger = pino(
    {
      level: options.level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: (fields) => boundFields(fields) },
    },
    options.format === "json" ? options.destination : prettyStream(options),
  );
  const unwritten = options.destination.unwritten ?? (() => 0);
  let lost = 0;
  let untold = 0;
  const write = (level: LogLevel, fields: LogFields, message: string): void => {
    if (!logger.isLevelEnabled(level)) return;
    const waiting = unwritten();
    if (waiting > (untold > 0 ? MAX_UNWRITTEN_BYTES / 2 : MAX_UNWRITTEN_BYTES)) {
      lost += 1;
      untold += 1;
      return;
    }
    if (untold > 0) logger.error({ lines: untold }, "lines were lost: the reader of the log did not keep up");
    untold = 0;
    logger[level](fields, boundText(message));
  };
  return {
    debug: (fields, message) => write("debug", fields, message),
    info: (fields, message) => write("info", fields, message),
    warn: (fields, message) => write("warn", fields, message),
    error: (fields, message) => write("error", fields, message),
    lost: () => lost,
  };
}

function prettyStream(options: LogOptions): DestinationStream {
  const pretty = prettyFactory({ colorize: options.colour, singleLine: true, translateTime: "SYS:HH:MM:ss" });
  return { write: (line) => options.destination.write(pretty(forPeople(JSON.parse(line) as LogFields))) };
}

/** Programs read JSON, where every field is present; a person reads the sentence, and fields only where it does not hold them. */
function forPeople(fields: LogFields): LogFields {
  const shown = "outcome" in fields ? ["level", "time", "msg"] : Object.keys(fields);
  return Object.fromEntries(shown.map((name) => [name, fields[name]]).filter(([, value]) => value !== null));
}

function boundFields(fields: LogFields): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [boundText(name), boundValue(value, MAX_DEPTH)]),
  );
}

function boundValue(value: unknown, depth: number): unknown {
  if (typeof value === "string") return boundText(value);
  if (value instanceof Error) return boundText(value.stack ?? value.message);
  if (value === null || typeof value !== "object") return value;
  if (depth === 0) return "[deeper]";
  if (Array.isArray(value)) return value.slice(0, MAX_MEMBERS).map((each) => boundValue(each, depth - 1));
  if ("toJSON" in value) return value;
  const members = Object.entries(value).slice(0, MAX_MEMBERS);
  return Object.fromEntries(members.map(([name, each]) => [boundText(name), boundValue(each, depth - 1)]));
}

/** Control characters, the separators that some viewers take for line ends, what turns the direction of writing, and lone halves of characters. */
// oxlint-disable-next-line eslint/no-control-regex -- finding control characters is the point
const UNSAFE = /[\u0000-\u001F\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069\uFEFF\p{Surrogate}]/u;
const EVERY_UNSAFE = new RegExp(UNSAFE, "gu");

function boundText(text: string): string {
  // Nearly every text is short and harmless.
  if (text.length * MAX_UNIT_BYTES <= MAX_FIELD_BYTES && !UNSAFE.test(text)) return text;
  const escaped = text
    .slice(0, MAX_FIELD_BYTES)
    .replaceAll(EVERY_UNSAFE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
  const whole = text.length <= MAX_FIELD_BYTES && Buffer.byteLength(escaped) <= MAX_FIELD_BYTES;
  return whole ? escaped : `${cutBytes(escaped, MAX_FIELD_BYTES - MARK_BYTES)}${MARK}`;
}

/** No UTF-16 unit is more bytes of UTF-8. */
const MAX_UNIT_BYTES = 3;

const MARK = "…";
const MARK_BYTES = Buffer.byteLength(MARK);

function cutBytes(text: string, bytes: number): string {
  // A decoder that expects more keeps half a character to itself.
  return new TextDecoder().decode(Buffer.from(text).subarray(0, bytes), { stream: true });
}
