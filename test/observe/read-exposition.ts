/** A family of a scrape, as a reader of the format understands it. */
export type Family = {
  readonly type: string;
  readonly help: string;
  /** By name and labels as they are written, which in Fairlead's are in one order. */
  readonly samples: ReadonlyMap<string, number>;
};

const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*",?)+\})? (\S+)$/u;
const HELP = /^# HELP (\S+) (.*)$/u;
const TYPE = /^# TYPE (\S+) (counter|gauge|histogram)$/u;
const SUFFIXES = /_(?:bucket|sum|count)$/u;

type Open = { readonly name: string; readonly help: string; type: string; readonly samples: Map<string, number> };

/**
 * Reads the text format 0.0.4 by the letter of https://prometheus.io/docs/instrumenting/exposition_formats/, and throws at
 * what is not in it: a line of no known form, a sample that no TYPE announced, a family in two parts, a sample twice.
 */
export function readExposition(text: string): ReadonlyMap<string, Family> {
  must(text.endsWith("\n"), "the last line has no end");
  const families = new Map<string, Open>();
  let open: Open | null = null;
  for (const line of text.slice(0, -1).split("\n")) {
    const [, name, help = ""] = HELP.exec(line) ?? [];
    if (name === undefined) {
      must(open !== null, `before any HELP: ${line}`);
      addLine(open, line);
    } else {
      must(!families.has(name), `a second part of ${name}`);
      open = { name, help, type: "", samples: new Map() };
      families.set(name, open);
    }
  }
  return families;
}

function addLine(family: Open, line: string): void {
  const [, name, type = ""] = TYPE.exec(line) ?? [];
  if (name === undefined) {
    addSample(family, line);
    return;
  }
  must(name === family.name && family.type === "", `out of place: ${line}`);
  family.type = type;
}

function addSample({ name, type, samples }: Open, line: string): void {
  const [, written = "", number = ""] = SAMPLE.exec(line) ?? [];
  const owner = type === "histogram" ? written.replace(SUFFIXES, "") : written;
  must(type !== "" && owner === name, `out of place: ${line}`);
  const key = line.slice(0, line.lastIndexOf(" "));
  must(!samples.has(key), `twice: ${key}`);
  must(number !== "" && !Number.isNaN(Number(number)), `no number: ${line}`);
  samples.set(key, Number(number));
}

function must(holds: boolean, complaint: string): asserts holds {
  if (!holds) throw new Error(complaint);
}
