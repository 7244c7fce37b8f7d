/** A figure that Fairlead sets out to reach on a machine that does nothing else. */
export type Goal = {
  /** The number of the requirement. */
  readonly requirement: string;
  readonly of: string;
  readonly is: "at most" | "at least";
  readonly figure: number;
  readonly unit: "times" | "times the quiet phase" | "ms" | "MiB" | "%" | "descriptors" | "MiB an hour";
};

/**
 * Every goal that a scenario measures. They are printed beside what was measured, and nothing passes or fails by them:
 * a machine that does much else misses them without a fault of Fairlead. What passes or fails are the promises of each
 * scenario, whose limits are wide.
 */
export const GOALS = {
  stalledGrowth: { requirement: "R14", of: "growth by 200 stalled peers", is: "at most", figure: 25, unit: "MiB" },
  stalledOthers: {
    requirement: "R14",
    of: "p99 of others' echoes",
    is: "at most",
    figure: 1.5,
    unit: "times the quiet phase",
  },
  costliest: { requirement: "R15", of: "CPU of the costliest input", is: "at most", figure: 10, unit: "times" },
  goodServed: { requirement: "R16", of: "good handshakes served", is: "at least", figure: 100, unit: "%" },
  goodHandshakes: {
    requirement: "R16",
    of: "p99 of good handshakes",
    is: "at most",
    figure: 2,
    unit: "times the quiet phase",
  },
  dribblers: {
    requirement: "R16",
    of: "longest life of a slow client, beyond its deadline of 10 s",
    is: "at most",
    figure: 1_000,
    unit: "ms",
  },
  deadline: { requirement: "R17", of: "a 504 off its deadline", is: "at most", figure: 250, unit: "ms" },
  aborts: {
    requirement: "R17",
    of: "the last of 100 clients that left has left the backend",
    is: "at most",
    figure: 50,
    unit: "ms",
  },
  descriptorsBack: {
    requirement: "R17",
    of: "descriptors as before, after clients left",
    is: "at most",
    figure: 1_000,
    unit: "ms",
  },
  idleVanished: {
    requirement: "R18",
    of: "the last idle peer that vanished is found",
    is: "at most",
    figure: 30_000,
    unit: "ms",
  },
  stalledVanished: {
    requirement: "R18",
    of: "the last with more to come than is buffered is found",
    is: "at most",
    figure: 60_000,
    unit: "ms",
  },
  pingedVanished: {
    requirement: "R18",
    of: "the last with a little to come, and pinged, is found",
    is: "at most",
    figure: 60_000,
    unit: "ms",
  },
  steadySlope: { requirement: "R20", of: "resident memory grows by", is: "at most", figure: 1, unit: "MiB an hour" },
  steadyDescriptors: {
    requirement: "R20",
    of: "descriptors more or less than before",
    is: "at most",
    figure: 10,
    unit: "descriptors",
  },
  refusingCpu: { requirement: "R21", of: "share of a core while refusing", is: "at most", figure: 20, unit: "%" },
  refusingAlive: { requirement: "R21", of: "open WebSockets that stay", is: "at least", figure: 100, unit: "%" },
  relief: { requirement: "R21", of: "a handshake is served after relief", is: "at most", figure: 1_000, unit: "ms" },
  otherTenant: {
    requirement: "R23",
    of: "p99 of the other route's handshakes",
    is: "at most",
    figure: 1.5,
    unit: "times the quiet phase",
  },
} as const satisfies Readonly<Record<string, Goal>>;

/** What a run measured of the goals; one that could not be measured is left out. */
export type Measured = { readonly [Name in keyof typeof GOALS]?: number };

/** A line for each goal that was measured: the goal, the figure, and whether it was met. */
export function goalLines(measured: Measured): readonly string[] {
  const goals: readonly (readonly [string, Goal])[] = Object.entries(GOALS);
  return goals.flatMap(([name, { requirement, of, is, figure, unit }]) => {
    const value = measured[name as keyof typeof GOALS];
    if (value === undefined) return [];
    const met = is === "at most" ? value <= figure : value >= figure;
    return [
      `${requirement} ${of}: goal ${is} ${show(figure, unit)}, measured ${show(value, unit)}${remark(value, met, unit)}`,
    ];
  });
}

/** Nobody is faster under attack: such a ratio was met by a machine that was busier before. */
function remark(value: number, met: boolean, unit: Goal["unit"]): string {
  if (!met) return ", missed";
  return unit === "times the quiet phase" && value < 0.8 ? ", which says little: the quiet phase was disturbed" : "";
}

/** As people read it. */
function show(value: number, unit: Goal["unit"]): string {
  const digits = unit.startsWith("times") ? 2 : 1;
  return `${Number(value.toFixed(digits))} ${unit}`;
}
