import type { Log, LogFields } from "../../src/base/ports.ts";

/** One line as it was given to a log. */
export type Line = { readonly level: string; readonly fields: LogFields; readonly message: string };

/** A log that keeps what it is given. */
export function collectLines(): { readonly log: Log; readonly lines: readonly Line[] } {
  const lines: Line[] = [];
  const at = (level: string) => (fields: LogFields, message: string) => void lines.push({ level, fields, message });
  return { log: { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") }, lines };
}
