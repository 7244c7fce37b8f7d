import { expect, test } from "vitest";
import type { LogFields } from "../../src/base/ports.ts";
import { createTellUnserved } from "../../src/controller/tell-unserved.ts";
import { translate } from "../../src/translate/translate.ts";
import { CLUSTER_OPTIONS, readInput } from "../translate/golden/read-input.ts";

function ingress(name: string, className: string): string {
  return `---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: ${name}, namespace: apps }
spec: { ingressClassName: ${className}, defaultBackend: { service: { name: web, port: { number: 80 } } } }
`;
}

function collect() {
  const lines: LogFields[] = [];
  const ignore = (): void => {};
  const tell = createTellUnserved({
    debug: ignore,
    info: (fields) => void lines.push(fields),
    warn: ignore,
    error: ignore,
  });
  const translated = (...texts: string[]): void => {
    const { view } = readInput(`# Classes.\n${texts.join("")}`);
    tell(translate(view, CLUSTER_OPTIONS).unserved);
  };
  return { lines, translated };
}

test("An object of another class is told once, and again when it has come back.", () => {
  const { lines, translated } = collect();
  translated(ingress("ours", "fairlead"), ingress("theirs", "nginx"));
  translated(ingress("ours", "fairlead"), ingress("theirs", "nginx"));
  expect(lines).toEqual([{ object: "Ingress apps/theirs" }]);
  translated(ingress("ours", "fairlead"));
  translated(ingress("theirs", "nginx"));
  expect(lines).toHaveLength(2);
});

test("A thousand objects of another class are not a thousand lines.", () => {
  const { lines, translated } = collect();
  translated(...Array.from({ length: 1_000 }, (_, index) => ingress(`theirs-${index}`, "nginx")));
  expect(lines).toHaveLength(21);
  expect(lines.at(-1)).toEqual({ more: 980 });
});
