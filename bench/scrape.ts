import { measureScrape } from "./scrape/measure-scrape.ts";
import { printFigures } from "./table/figures.ts";

for (const routes of [500, 5_000, 20_000]) {
  process.stdout.write(printFigures(`A scrape of /metrics with ${routes} routes`, await measureScrape(routes)));
}
