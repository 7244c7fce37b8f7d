import type { Endpoint } from "../table/endpoint-table.ts";
import { readAddress } from "./addresses.ts";
import { annotationField } from "./annotations/report-unknown.ts";
import type { Report } from "./findings.ts";

/** The annotation by which a Service names its endpoints where no controller writes EndpointSlices. */
export const STANDALONE_ENDPOINTS = "fairlead.dev/standalone-endpoints";

const MAX_ENDPOINTS = 1000;
const MAX_LENGTH = 65_536;
const SHAPE = /^(?:\[([0-9A-Fa-f:.]{2,45})\]|([0-9.]{7,15})):([0-9]{1,5})$/u;

/** Reads `127.0.0.1:9001,[::1]:9002`: always ready, for every port of the Service. What cannot be read is reported and left out. */
export function standalonePool(written: string, allowLoopback: boolean, report: Report): readonly Endpoint[] {
  const field = annotationField(STANDALONE_ENDPOINTS);
  const refuse = (value: string, message: string): readonly Endpoint[] => {
    report({ field, value, reason: "UnsupportedAddress", message });
    return [];
  };
  const items = written.length > MAX_LENGTH ? [] : written.split(",");
  if (items.length === 0 || items.length > MAX_ENDPOINTS) return refuse(written, `Expected at most ${MAX_ENDPOINTS}.`);
  const endpoints = items.flatMap((item) => {
    const [, ipv6, ipv4, digits] = SHAPE.exec(item.trim()) ?? [];
    const port = Number(digits ?? 0);
    if (port < 1 || port > 65_535) return refuse(item, "Expected address:port, as in 127.0.0.1:9001,[::1]:9002.");
    const read = readAddress(ipv6 ?? ipv4 ?? "", allowLoopback);
    if (!read.ok) return refuse(item, `This address ${read.fault}.`);
    return [{ address: read.address, port, ready: true, serving: true, terminating: false, zones: [] }];
  });
  return [...new Map(endpoints.map((each) => [`${each.address} ${each.port}`, each])).values()];
}
