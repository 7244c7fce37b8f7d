import { type DestinationStream, type Logger, pino, stdTimeFunctions } from "pino";
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

/** What a log needs: its format and level, and where it goes. */
export type LogOptions = {
  readonly format: LogFormat;
  readonly level: LogLevel;
  readonly destination: DestinationStream;
  readonly colour: boolean;
};

/** The longest string that a log field holds, in UTF-16 units; what is longer is cut and marked. */
const MAX_FIELD_LENGTH = 1024;

/** Values nested deeper than this are not written: no log field of Fairlead's is. */
const MAX_DEPTH = 6;

/** A log through pino. Foreign strings are cut at 1 KiB and control characters escaped, so that no value forges a line or a colour. */
export function createLog(options: LogOptions): Log {
  const logger = pino(
    {
      level: options.level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: (fields) => boundFields(fields) },
    },
    options.format === "json" ? options.destination : prettyStream(options),
  );
  return {
    debug: (fields, message) => write(logger, "debug", fields, message),
    info: (fields, message) => write(logger, "info", fields, message),
    warn: (fields, message) => write(logger, "warn", fields, message),
    error: (fields, message) => write(logger, "error", fields, message),
  };
}

function write(logger: Logger, level: LogLevel, fields: LogFields, message: string): void {
  logger[level](fields, boundText(message));
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
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, boundValue(value, MAX_DEPTH)]));
}

function boundValue(value: unknown, depth: number): unknown {
  if (typeof value === "string") return boundText(value);
  if (value instanceof Error) return boundText(value.stack ?? value.message);
  if (value === null || typeof value !== "object") return value;
  if (depth === 0) return "[deeper]";
  if (Array.isArray(value)) return value.map((each) => boundValue(each, depth - 1));
  if ("toJSON" in value) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, boundValue(each, depth - 1)]));
}

/** Control characters, and the separators that some viewers take for line ends. */
// oxlint-disable-next-line eslint/no-control-regex -- finding control characters is the point
const UNSAFE = /[\u0000-\u001F\u007F-\u009F\u2028\u2029]/g;

function boundText(text: string): string {
  const cut = text.length > MAX_FIELD_LENGTH ? `${text.slice(0, MAX_FIELD_LENGTH)}…` : text;
  return cut.replaceAll(UNSAFE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
