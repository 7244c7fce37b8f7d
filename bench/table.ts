import { printFigures } from "./table/figures.ts";
import { type DirectoryCase, measureDirectory } from "./table/measure-directory.ts";
import { measureMatch } from "./table/measure-match.ts";

const DIRECTORIES: readonly DirectoryCase[] = [
  { routes: 500, edits: 40, target: "150 ms p99" },
  { routes: 5_000, edits: 25, target: "100 ms p99 in a cluster" },
  { routes: 10_000, edits: 25, target: "1 s p99" },
];

process.stdout.write(printFigures("Matching", measureMatch()));
for (const each of DIRECTORIES) {
  process.stdout.write(
    printFigures(`A directory of ${each.routes} routes, Services and EndpointSlices`, await measureDirectory(each)),
  );
}
