import type { Ingress } from "../../../api/core.ts";
import { coversHost, readHost } from "../../../translate/hosts.ts";
import { keyOf } from "../../../translate/lookup.ts";
import { refOf } from "../../../translate/order.ts";
import type { LoadedManifests } from "../../load-manifests.ts";
import type { Hint } from "./hint.ts";

const SERVICE_NAME = "kubernetes.io/service-name";

const FOREIGN =
  /^(?:nginx\.ingress\.kubernetes\.io|nginx\.org|traefik\.ingress\.kubernetes\.io|haproxy\.org|haproxy-ingress\.github\.io|konghq\.com|alb\.ingress\.kubernetes\.io|appgw\.ingress\.kubernetes\.io|projectcontour\.io)\//;

/** What is odd about whole objects: nobody serves them, nothing belongs to them, or they speak to somebody else. */
export function objectHints({ view, translation }: LoadedManifests): readonly Hint[] {
  const { statuses } = translation;
  const served = new Set(
    statuses
      .filter(({ object }) => object.kind === "Ingress")
      .map(({ object }) => keyOf(object.namespace, object.name)),
  );
  const ingresses = view.ingresses.filter(({ metadata }) => served.has(keyOf(metadata.namespace ?? "", metadata.name)));
  return [
    ...unservedHints(translation),
    ...ingresses.flatMap(foreignHints),
    ...ingresses.flatMap(tlsHostHints),
    ...orphanHints(view),
  ];
}

function unservedHints({ unserved }: LoadedManifests["translation"]): readonly Hint[] {
  return unserved.map((object) => ({
    code: "NotServed",
    object,
    field: "spec.ingressClassName",
    value: "",
    message: "Its class is not one of this installation (--ingress-class, --controller-name).",
  }));
}

/** One for each Ingress: who moves here from another controller has a dozen. */
function foreignHints(ingress: Ingress): readonly Hint[] {
  const foreign = Object.keys(ingress.metadata.annotations ?? {}).filter((name) => FOREIGN.test(name));
  const [first] = foreign;
  if (first === undefined) return [];
  const more = foreign.length === 1 ? "" : ` The object has ${foreign.length - 1} more of such.`;
  return [
    {
      code: "ForeignAnnotation",
      object: refOf(ingress),
      field: `metadata.annotations[${first}]`,
      value: "",
      message: `${first} is another controller's, and is not read.${more}`,
    },
  ];
}

function tlsHostHints(ingress: Ingress): readonly Hint[] {
  const { rules = [], tls = [], defaultBackend } = ingress.spec ?? {};
  const isForAll = defaultBackend !== undefined && rules.length === 0;
  const ruled = rules.map(({ host = "" }) => (host === "" ? { type: "any" as const } : readHost(host, "one-label")));
  return tls.flatMap(({ hosts = [] }, index) =>
    hosts.flatMap((written, at): readonly Hint[] => {
      const host = readHost(written, "one-label");
      const isRuled = ruled.some((each) => each !== null && host !== null && meet(each, host));
      if (host === null || isRuled || isForAll) return [];
      const field = `spec.tls[${index}].hosts[${at}]`;
      const message = `No rule of this Ingress is for ${written}.`;
      return [{ code: "TlsHostWithoutRule", object: refOf(ingress), field, value: written, message }];
    }),
  );
}

type Host = NonNullable<ReturnType<typeof readHost>>;

function meet(a: Host, b: Host): boolean {
  return coversHost(a, b) || coversHost(b, a);
}

function orphanHints(view: LoadedManifests["view"]): readonly Hint[] {
  const services = new Set(view.services.map(({ metadata }) => keyOf(metadata.namespace ?? "", metadata.name)));
  return view.endpointSlices.flatMap((slice): readonly Hint[] => {
    const { namespace = "", labels = {} } = slice.metadata;
    const service = labels[SERVICE_NAME];
    if (service !== undefined && services.has(keyOf(namespace, service))) return [];
    const message =
      service === undefined
        ? `Expected the label ${SERVICE_NAME}.`
        : `There is no Service ${namespace}/${service} in the set.`;
    const field = `metadata.labels[${SERVICE_NAME}]`;
    return [{ code: "OrphanSlice", object: refOf(slice), field, value: service ?? "", message }];
  });
}
