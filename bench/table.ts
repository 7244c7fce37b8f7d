import { type Figure, printFigures } from "./table/figures.ts";
import { type ControllerCase, measureController } from "./table/measure-controller.ts";
import { type DirectoryCase, measureDirectory } from "./table/measure-directory.ts";
import { measureMatch } from "./table/measure-match.ts";
import { measurePatterns } from "./table/measure-patterns.ts";
import { measureTranslation } from "./table/measure-translation.ts";

const VIEWS: readonly ControllerCase[] = [
  { routes: 500, onOneHost: false, edits: 50 },
  { routes: 10_000, onOneHost: false, edits: 50 },
  { routes: 10_000, onOneHost: true, edits: 50 },
];

const DIRECTORIES: readonly DirectoryCase[] = [
  { routes: 500, edits: 40, target: "150 ms p99" },
  { routes: 5_000, edits: 25, target: "1 s p99" },
  { routes: 10_000, edits: 25, target: "1 s p99" },
];

const wanted = new Set(process.argv.slice(2));

/** All parts, or those that the command line names. */
async function part(name: string, title: string, measure: () => readonly Figure[] | Promise<readonly Figure[]>) {
  if (wanted.size === 0 || wanted.has(name)) process.stdout.write(`${printFigures(title, await measure())}\n`);
}

await part("match", "Matching", measureMatch);
await part("patterns", "Regular expressions", measurePatterns);
for (const routes of [500, 10_000]) {
  await part("translation", "Translation, in CPU time", () => measureTranslation(routes));
}
for (const each of VIEWS) {
  const hosts = each.onOneHost ? "on one host" : "on hosts of their own";
  await part("view", `A view of ${each.routes} routes ${hosts}, as in a cluster`, () => measureController(each));
}
for (const each of DIRECTORIES) {
  await part("directory", `A directory of ${each.routes} routes with their Services and EndpointSlices`, () =>
    measureDirectory(each),
  );
}
