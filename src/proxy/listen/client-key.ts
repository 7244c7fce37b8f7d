import { isIPv6 } from "node:net";

/**
 * What stands for a client in limits: its address, of IPv6 the first 64 bits, because whoever has one address has the
 * rest of its network (RFC 4291 2.5.4). IPv4-mapped addresses are to be unmapped before.
 */
export function clientKey(address: string): string {
  if (!isIPv6(address)) return address;
  const [unscoped = ""] = address.split("%");
  const [head = "", tail] = unscoped.split("::");
  const front = head === "" ? [] : head.split(":");
  const back = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - front.length - back.length - embedded(back));
  const groups = [...front, ...Array.from({ length: zeros }, () => "0"), ...back];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":")}::/64`;
}

/** An IPv4 address at the end takes the place of two groups (RFC 4291 2.2). */
function embedded(groups: readonly string[]): number {
  return groups.at(-1)?.includes(".") === true ? 1 : 0;
}
