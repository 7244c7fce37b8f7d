import { CLUSTER_MUTANTS } from "./cluster-mutants.ts";
import { CONTROL_MUTANTS } from "./control-mutants.ts";
import { HANDSHAKE_MUTANTS } from "./handshake-mutants.ts";
import { HTTP_MUTANTS } from "./http-mutants.ts";
import type { Killer, Mutant } from "./mutant.ts";
import { OBSERVE_MUTANTS } from "./observe-mutants.ts";
import { OVERLOAD_MUTANTS } from "./overload-mutants.ts";
import { RELAY_MUTANTS } from "./relay-mutants.ts";

/** Every bug that some test must notice. */
export const MUTANTS: readonly Mutant[] = [
  ...HANDSHAKE_MUTANTS,
  ...RELAY_MUTANTS,
  ...OBSERVE_MUTANTS,
  ...HTTP_MUTANTS,
  ...CONTROL_MUTANTS,
  ...OVERLOAD_MUTANTS,
  ...CLUSTER_MUTANTS,
];

const CHECK_SWITCH: Killer = { file: "test/proxy/handshake/check-switch.test.ts", title: "a wrong Accept" };

/** No bugs, but tests of the proof itself: none of these may count as noticed. */
export const DECOYS: readonly Mutant[] = [
  {
    name: "change-nothing",
    harm: "Nobody would suffer.",
    file: "src/proxy/handshake/check-switch.ts",
    find: "const headers = groupFields(head.fields);",
    replace: "const headers = groupFields([...head.fields]);",
    killedBy: CHECK_SWITCH,
  },
  {
    name: "break-the-syntax",
    harm: "Every test of the module would fail to load, whatever it looks at.",
    file: "src/proxy/handshake/check-switch.ts",
    find: "export function checkSwitch(",
    replace: "export function function checkSwitch(",
    killedBy: CHECK_SWITCH,
  },
];

/** The mutant or decoy of this name; throws if there is none. */
export function findMutant(name: string): Mutant {
  const found = [...MUTANTS, ...DECOYS].find((mutant) => mutant.name === name);
  if (found === undefined) throw new Error(`there is no mutant ${name}`);
  return found;
}
