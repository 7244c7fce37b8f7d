import { CAUSES } from "../base/endings.ts";
import { MEMORY_LEVELS, MEMORY_SOURCES } from "../base/memory.ts";
import { RESOURCES, TABLE_NAMES } from "./figures.ts";
import { ENDERS, failureNames, STATUS_CLASSES } from "./outcomes.ts";

/** A label that metrics may carry. */
export type Label = {
  readonly meaning: string;
  /** Every value that it can have. A label whose values clients could invent (a path, a host, an address) has no place here. */
  readonly values: readonly string[];
};

/** Every label, once. */
export const LABELS = {
  by: { meaning: "Who ended the connection.", values: ENDERS },
  cause: { meaning: "Why the connection ended.", values: CAUSES },
  class: { meaning: "The class of the HTTP status.", values: STATUS_CLASSES },
  direction: { meaning: "`in`: read from clients; `out`: read from backends.", values: ["in", "out"] },
  failure: { meaning: "Why the request was refused.", values: failureNames() },
  state: { meaning: "What is done for want of memory.", values: MEMORY_LEVELS },
  resource: { meaning: "What the limit is on.", values: RESOURCES },
  source: { meaning: "Whose limit of memory: absent where there is none.", values: MEMORY_SOURCES },
  table: { meaning: "Which of the three tables.", values: TABLE_NAMES },
} as const satisfies Record<string, Label>;

/** The name of a row of LABELS. */
export type LabelName = keyof typeof LABELS;
