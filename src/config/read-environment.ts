import { env } from "node:process";

/** Whether to colour: NO_COLOR (any value but empty) says no, FORCE_COLOR yes, and otherwise a terminal that is not dumb does. */
export function readColourWish(terminal: boolean): boolean {
  if ((env["NO_COLOR"] ?? "") !== "") return false;
  const forced = env["FORCE_COLOR"] ?? "";
  return forced === "" ? terminal && env["TERM"] !== "dumb" : forced !== "0";
}

/** The flags that NODE_OPTIONS holds, as far as they have no spaces in them. */
export function readNodeOptions(): readonly string[] {
  return (env["NODE_OPTIONS"] ?? "").split(" ").filter((flag) => flag !== "");
}
