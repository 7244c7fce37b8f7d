import { type ParsedValue, parseInteger } from "../config/parse-values.ts";

/** Reads the two ports of the demonstration's echo servers, `9101,9102`. */
export function parseEchoPorts(text: string): ParsedValue<readonly [number, number]> {
  const expected = "two different ports from 1 to 65535, such as 9101,9102";
  const ports = text.split(",").map((port) => parseInteger(port, 1, 65_535));
  const [first, second] = ports;
  if (ports.length !== 2 || first?.ok !== true || second?.ok !== true || first.value === second.value) {
    return { ok: false, expected };
  }
  return { ok: true, value: [first.value, second.value] };
}
