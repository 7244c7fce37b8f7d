import { measureDebug } from "./debug/measure-debug.ts";
import { printFigures } from "./table/figures.ts";

const SOCKETS = 9_000;
const ROUTES = 5_000;

for (const { page, figures } of await measureDebug(SOCKETS, ROUTES)) {
  process.stdout.write(printFigures(`${page}, with ${SOCKETS} sockets and ${ROUTES} routes of one host`, figures));
}
