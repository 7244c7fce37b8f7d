import { createDoorkeeper, type Doorkeeper } from "../../src/proxy/listen/doorkeeper.ts";

/** A doorkeeper whose limits no test comes near. */
export function openDoor(): Doorkeeper {
  const many = 1_000_000;
  return createDoorkeeper({ clients: many, perClient: 0, silentPerClient: many, tlsHandshakes: many }, () => false);
}
