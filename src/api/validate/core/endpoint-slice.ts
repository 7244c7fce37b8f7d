import { BlockList, isIP, isIPv4, isIPv6 } from "node:net";
import type { EndpointSlice, SliceEndpoint } from "../../core.ts";
import { describeProblem, type FieldPath, type FieldProblem } from "../field-problem.ts";
import { judgeText } from "../metadata.ts";
import { dnsLabel, dnsSubdomain, type NameCheck, portNumber, qualifiedName } from "../names.ts";
import { fields, list } from "../shape.ts";
import type { ValidatorOptions } from "../validator.ts";
import type { KindRules } from "./kind-rules.ts";
import { judgeOneOf, PROTOCOLS } from "./one-of.ts";

const maxEndpoints = 1000;
const maxAddresses = 100;
const maxPorts = 20_000;

/** discovery.k8s.io/v1 EndpointSlice. A port out of range is refused although an API server accepts it: nobody can dial it. */
export const endpointSliceRules: KindRules<EndpointSlice> = {
  checkName: dnsSubdomain,
  shape: {
    addressType: "string",
    endpoints: list(
      fields(
        {
          addresses: list("string"),
          conditions: fields({ ready: "boolean", serving: "boolean", terminating: "boolean" }),
          targetRef: fields({ uid: "string" }, "kind namespace name apiVersion resourceVersion fieldPath"),
          hints: fields({ forZones: list(fields({ name: "string" })) }, "forNodes"),
        },
        "hostname nodeName zone deprecatedTopology",
      ),
    ),
    ports: list(fields({ name: "string", port: "integer", protocol: "string", appProtocol: "string" })),
  },
  complete: (slice) => ({
    ...slice,
    ports: (slice.ports ?? []).map((port) => ({ name: "", protocol: "TCP", ...port })),
  }),
  judge: (slice, options) => [
    ...judgeAddressType(slice.addressType),
    ...judgeCount(slice.endpoints ?? [], maxEndpoints, ["endpoints"]),
    ...(slice.endpoints ?? []).flatMap((endpoint, index) =>
      judgeEndpoint(endpoint, addressCheck(slice.addressType, options), ["endpoints", index]),
    ),
    ...judgePorts(slice.ports ?? []),
  ],
};

function judgeAddressType(addressType: string | undefined): readonly FieldProblem[] {
  if (addressType === undefined) return [describeProblem(["addressType"], "Required value", "")];
  return judgeOneOf(addressType, ["FQDN", "IPv4", "IPv6"], ["addressType"]);
}

function judgeCount(items: readonly unknown[], most: number, path: FieldPath): readonly FieldProblem[] {
  if (items.length <= most) return [];
  return [describeProblem(path, "Too many", `must have at most ${most} items`, items.length)];
}

function judgeEndpoint(endpoint: Partial<SliceEndpoint>, check: NameCheck, path: FieldPath): readonly FieldProblem[] {
  const at = [...path, "addresses"];
  const addresses = endpoint.addresses ?? [];
  if (addresses.length === 0) return [describeProblem(at, "Required value", "must contain at least 1 address")];
  return [
    ...judgeCount(addresses, maxAddresses, at),
    ...addresses.flatMap((address, index) => judgeText(address, check, [...at, index])),
  ];
}

function judgePorts(ports: NonNullable<EndpointSlice["ports"]>): readonly FieldProblem[] {
  const seen = new Set<string>();
  const problems = [...judgeCount(ports, maxPorts, ["ports"])];
  for (const [index, port] of ports.entries()) {
    problems.push(...judgePort(port, seen, ["ports", index]));
    seen.add(port.name ?? "");
  }
  return problems;
}

function judgePort(
  port: { readonly name?: string; readonly port?: number; readonly protocol?: string; readonly appProtocol?: string },
  seen: ReadonlySet<string>,
  path: FieldPath,
): readonly FieldProblem[] {
  const name = port.name ?? "";
  const wrongNumber = port.port === undefined ? null : portNumber(port.port);
  return [
    ...(name === "" ? [] : judgeText(name, dnsLabel, [...path, "name"])),
    ...(seen.has(name) ? [describeProblem([...path, "name"], "Duplicate value", "", name)] : []),
    ...judgeOneOf(port.protocol, PROTOCOLS, [...path, "protocol"]),
    ...(wrongNumber === null ? [] : [describeProblem([...path, "port"], "Invalid value", wrongNumber, port.port)]),
    ...(port.appProtocol === undefined ? [] : judgeText(port.appProtocol, qualifiedName, [...path, "appProtocol"])),
  ];
}

function addressCheck(addressType: string | undefined, options: ValidatorOptions): NameCheck {
  if (addressType === "IPv4") {
    return (text) => (isIPv4(text) ? specialUse(text, options) : "must be a valid IPv4 address");
  }
  if (addressType === "IPv6") {
    return (text) => (isIPv6(text) && !text.includes("%") ? specialUse(text, options) : "must be a valid IPv6 address");
  }
  return (text) => (text.includes(".") ? dnsSubdomain(text) : "must be a fully qualified domain name");
}

/** Addresses that lead to this machine or link, which an endpoint of a cluster never is (CVE-2021-25740's kin). */
function specialUse(address: string, options: ValidatorOptions): string | null {
  const family = isIP(address) === 4 ? "ipv4" : "ipv6";
  const found = SPECIAL_USE.find(({ ranges }) => ranges.check(address, family));
  if (found === undefined || (found.loopback && options.allowLoopback)) return null;
  return `may not be ${found.words}`;
}

const SPECIAL_USE: readonly { readonly words: string; readonly loopback: boolean; readonly ranges: BlockList }[] = [
  { words: "unspecified (0.0.0.0, ::)", loopback: false, ranges: blockList("0.0.0.0/32", "::/128") },
  {
    words: "in the loopback range (127.0.0.0/8, ::1/128)",
    loopback: true,
    ranges: blockList("127.0.0.0/8", "::1/128"),
  },
  {
    words: "in the link-local range (169.254.0.0/16, fe80::/10)",
    loopback: false,
    ranges: blockList("169.254.0.0/16", "fe80::/10"),
  },
  {
    words: "in the link-local multicast range (224.0.0.0/24, ff02::/16)",
    loopback: false,
    ranges: blockList("224.0.0.0/24", "ff02::/16"),
  },
];

function blockList(...ranges: readonly string[]): BlockList {
  const blocked = new BlockList();
  for (const range of ranges) {
    const [network = "", bits = ""] = range.split("/");
    blocked.addSubnet(network, Number(bits), isIPv4(network) ? "ipv4" : "ipv6");
  }
  return blocked;
}
