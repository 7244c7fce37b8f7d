import { expose } from "./sentinels.ts";

/** One line of a JSON log. */
export type LogLine = Readonly<Record<string, unknown>>;

/** Everything that a process wrote, and its log lines as they come. */
export type LogCollector = {
  readonly write: (text: string) => void;
  /** Byte for byte. */
  readonly text: () => string;
  readonly lines: () => readonly LogLine[];
  /** The access log's lines: one for each report. */
  readonly reports: () => readonly LogLine[];
  /** The first line, past or to come, that satisfies the condition; rejects after `withinMs` or when the output ends. */
  readonly lineWhere: (condition: (line: LogLine) => boolean, withinMs?: number) => Promise<LogLine>;
  /** Resolves when so many lines, past or to come, satisfy the condition. */
  readonly linesWhere: (
    condition: (line: LogLine) => boolean,
    count: number,
    withinMs?: number,
  ) => Promise<readonly LogLine[]>;
  /** Resolves when everything that was written so far satisfies the condition; rejects after `withinMs` or at the end. */
  readonly textWhere: (condition: (text: string) => boolean, withinMs?: number) => Promise<void>;
  /** Nothing more will be written. */
  readonly end: (why: string) => void;
};

const OUTCOMES: ReadonlySet<unknown> = new Set(["relayed", "refused", "answered"]);

/** True for the lines of the access log. */
export function isReport(line: LogLine): boolean {
  return OUTCOMES.has(line["outcome"]) && typeof line["id"] === "string";
}

/** Collects a JSON log; what is no JSON is kept as text alone. */
export function collectLog(): LogCollector {
  const texts: string[] = [];
  const lines: LogLine[] = [];
  const looks = new Set<() => void>();
  let rest = "";
  let ended: string | null = null;
  const exposed = expose("a log");
  const notify = (): void => {
    for (const look of looks) look();
  };
  const until = (holds: () => boolean, wanted: () => string, withinMs: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const settle = (act: () => void): void => {
        clearTimeout(timer);
        looks.delete(look);
        act();
      };
      const fail = (why: string): void => {
        settle(() => reject(new Error(`${wanted()} ${why}; the output ends:\n${texts.join("").slice(-2_000)}`)));
      };
      const look = (): void => {
        if (holds()) settle(resolve);
        else if (ended !== null) fail(ended);
      };
      const timer = setTimeout(() => fail(`not within ${withinMs} ms`), withinMs);
      looks.add(look);
      look();
    });
  const linesWhere: LogCollector["linesWhere"] = async (condition, count, withinMs = 15_000) => {
    const found: LogLine[] = [];
    let read = 0;
    const holds = (): boolean => {
      for (; read < lines.length; read += 1) if (condition(lines[read] ?? {})) found.push(lines[read] ?? {});
      return found.length >= count;
    };
    await until(holds, () => `${found.length} of ${count} log lines`, withinMs);
    return found;
  };
  return {
    write: (text) => {
      exposed.add(text);
      texts.push(text);
      const whole = (rest + text).split("\n");
      rest = whole.pop() ?? "";
      for (const line of whole) if (line.startsWith("{")) lines.push(JSON.parse(line) as LogLine);
      notify();
    },
    text: () => texts.join(""),
    lines: () => lines,
    reports: () => lines.filter(isReport),
    linesWhere,
    textWhere: (condition, withinMs = 15_000) =>
      until(
        () => condition(texts.join("")),
        () => "the text is",
        withinMs,
      ),
    lineWhere: async (condition, withinMs) => (await linesWhere(condition, 1, withinMs))[0] ?? {},
    end: (why) => {
      ended = why;
      notify();
    },
  };
}
