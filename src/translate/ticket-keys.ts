import { readSecretData } from "../api/secret-data.ts";
import type { Problem } from "../base/problem.ts";
import { Secret } from "../base/secret.ts";
import { reportTo } from "./findings.ts";
import { keyOf, type Lookup } from "./lookup.ts";
import type { TranslateOptions } from "./translation.ts";

const ENTRY = "ticket.key";

/** Three keys of 16 bytes: a name, one for the HMAC and one for AES. */
const LENGTH = 48;

/** The keys of session tickets in base64; null if there are none or they cannot be used, which is reported: nothing is refused for it. */
export function readTicketKeys(
  lookup: Pick<Lookup, "secrets">,
  wanted: TranslateOptions["ticketKeys"],
  problems: Problem[],
): Secret | null {
  if (wanted === null) return null;
  const secret = lookup.secrets.get(keyOf(wanted.namespace, wanted.name));
  const bytes = secret === undefined ? null : readSecretData(secret, ENTRY);
  if (bytes?.length === LENGTH) return new Secret(bytes.toString("base64"));
  const found = bytes === null ? `${ENTRY} is missing` : `${ENTRY} has ${bytes.length} bytes; expected ${LENGTH}`;
  const fault = secret === undefined ? "the Secret does not exist" : found;
  const object = { kind: "Secret", ...wanted };
  reportTo(
    problems,
    object,
  )({
    field: `data[${ENTRY}]`,
    value: "",
    reason: "InvalidCertificateRef",
    message: `The keys of session tickets cannot be used: ${fault}. TLS sessions resume on this replica alone.`,
    effect: "ignored",
    ...(secret === undefined ? { absent: object } : {}),
  });
  return null;
}
