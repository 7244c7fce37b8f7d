import { readTlsSecret } from "../../../api/tls-secret.ts";
import { refOf } from "../../../translate/order.ts";
import type { LoadedManifests } from "../../load-manifests.ts";
import type { Hint } from "./hint.ts";

const SOON_MS = 14 * 24 * 60 * 60 * 1_000;

/** TLS Secrets whose certificate clients refuse by now, or soon will. */
export function certificateHints({ view }: LoadedManifests, nowMs: number): readonly Hint[] {
  return view.secrets.flatMap((secret): readonly Hint[] => {
    if (secret.type !== "kubernetes.io/tls") return [];
    const read = readTlsSecret(secret);
    if (!read.ok) return [];
    const end = read.pair.certificates[0].validToDate;
    if (end.getTime() > nowMs + SOON_MS) return [];
    const verb = end.getTime() <= nowMs ? "expired" : "expires";
    const message = `The certificate ${verb} on ${end.toISOString().slice(0, 10)}.`;
    return [{ code: "CertificateExpired", object: refOf(secret), field: "data[tls.crt]", value: "", message }];
  });
}
