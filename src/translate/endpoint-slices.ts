import type { EndpointSlice, ServicePort, SliceEndpoint } from "../api/core.ts";
import { compareText } from "../base/compare-text.ts";
import type { Problem } from "../base/problem.ts";
import type { Endpoint } from "../table/endpoint-table.ts";
import { readAddress } from "./addresses.ts";
import { type Report, reportTo, show } from "./findings.ts";
import { refOf } from "./order.ts";

/** An endpoint as one slice mentions it. */
export type FoundEndpoint = {
  readonly endpoint: Endpoint;
  readonly family: "IPv4" | "IPv6";
  /** The same for two mentions of one endpoint: the target's uid, else address and port. */
  readonly identity: string;
};

/** The endpoints of one slice for a Service port; addresses that nobody may be sent to are reported and left out. */
export function readSlice(
  slice: EndpointSlice,
  servicePort: ServicePort,
  allowLoopback: boolean,
  problems: Problem[],
): readonly FoundEndpoint[] {
  const report = reportTo(problems, refOf(slice));
  if (slice.addressType === "FQDN") {
    const message = "Names are not followed; expected IPv4 or IPv6.";
    report({ field: "addressType", value: "FQDN", reason: "UnsupportedAddress", message });
    return [];
  }
  const port = findPort(slice, servicePort);
  if (port === null) return [];
  const refused: RefusedAddress[] = [];
  const found: FoundEndpoint[] = [];
  (slice.endpoints ?? []).forEach((each, index) => {
    const value = each.addresses[0] ?? "";
    const read = readAddress(value, allowLoopback);
    if (!read.ok) refused.push({ index, value, fault: read.fault });
    else if (read.family !== slice.addressType) refused.push({ index, value, fault: `is not ${slice.addressType}` });
    else found.push(foundAt(each, read.address, port, read.family));
  });
  reportRefused(refused, report);
  return found;
}

type RefusedAddress = { readonly index: number; readonly value: string; readonly fault: string };

/** Ports are found by name, slice by slice: two slices of one Service may have different numbers for it. */
function findPort(slice: EndpointSlice, servicePort: ServicePort): number | null {
  const name = servicePort.name ?? "";
  const found = (slice.ports ?? []).find((each) => (each.name ?? "") === name && (each.protocol ?? "TCP") === "TCP");
  const port = found?.port ?? 0;
  return port >= 1 && port <= 65_535 ? port : null;
}

/** One problem speaks for a whole slice: a hostile one may have a thousand bad addresses. */
function reportRefused(refused: readonly RefusedAddress[], report: Report): void {
  const first = refused[0];
  if (first === undefined) return;
  const others = refused.length === 1 ? "" : ` ${refused.length - 1} more in this slice are refused too.`;
  report({
    field: `endpoints[${first.index}].addresses[0]`,
    value: first.value,
    reason: "UnsupportedAddress",
    message: `${show(first.value, 64)} ${first.fault}.${others}`,
  });
}

function foundAt(each: SliceEndpoint, address: string, port: number, family: "IPv4" | "IPv6"): FoundEndpoint {
  const uid = each.targetRef?.uid;
  const zones = (each.hints?.forZones ?? []).map((zone) => zone.name).toSorted(compareText);
  const endpoint: Endpoint = { address, port, ...readConditions(each.conditions ?? {}), zones };
  return { endpoint, family, identity: uid === undefined ? `${address} ${port}` : `uid ${uid}` };
}

/** Nil conditions mean: ready is true, serving equals ready, terminating is false (discovery.k8s.io/v1). */
function readConditions(
  written: NonNullable<SliceEndpoint["conditions"]>,
): Pick<Endpoint, "ready" | "serving" | "terminating"> {
  const ready = written.ready ?? true;
  return { ready, serving: written.serving ?? ready, terminating: written.terminating ?? false };
}
