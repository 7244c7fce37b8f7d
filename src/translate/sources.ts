import type { View } from "../api/view.ts";
import type { Problem } from "../base/problem.ts";
import { readClasses } from "./classes.ts";
import { attempt, type Report, reportTo } from "./findings.ts";
import { sourceOfIngress } from "./ingress.ts";
import { indexByName } from "./lookup.ts";
import { compareAge, type Dated, refOf } from "./order.ts";
import type { Source } from "./source.ts";
import type { ClassOptions } from "./translation.ts";
import { sourceOfRoute } from "./websocket-route.ts";

/** Every object that this installation serves, the oldest first, in the one shape that is translated. */
export function readSources(view: View, options: ClassOptions, problems: Problem[]): readonly Source[] {
  const classes = readClasses(view, options);
  const routes = [...indexByName(view.webSocketRoutes).values()]
    .filter((route) => classes.servesRoute(route))
    .map((route) => readSource(route, problems, sourceOfRoute));
  const ingresses = [...indexByName(view.ingresses).values()]
    .filter((ingress) => classes.servesIngress(ingress))
    .map((ingress) => readSource(ingress, problems, sourceOfIngress));
  return [...routes, ...ingresses].toSorted((a, b) => compareAge(a.object, b.object));
}

function readSource<Kind extends Dated>(
  object: Kind,
  problems: Problem[],
  read: (object: Kind, report: Report) => Source,
): Source {
  const report = reportTo(problems, refOf(object));
  return attempt<Source>(report, { object, group: "", rules: [], tls: [] }, () => read(object, report));
}
