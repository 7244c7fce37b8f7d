import { isDnsName } from "../hosts.ts";
import type { Annotation } from "./annotation.ts";
import { accept, readBoolean, readList, readWord } from "./values.ts";

/** TLS on either side. */
export const TLS_ANNOTATIONS: readonly Annotation[] = [
  {
    name: "ssl-redirect",
    field: "",
    description: "Answers 308 to https on plain listeners where the host has a certificate of its own.",
    default: "true",
    example: "false",
    onUnreadable: "ignore",
    read: (value) => accept(readBoolean(value), "true or false", (sslRedirect) => ({ ingress: { sslRedirect } })),
  },
  {
    name: "tls-min-version",
    field: "",
    description: "The oldest TLS version that the hosts in spec.tls accept.",
    default: "1.2",
    example: "1.3",
    onUnreadable: "refuse",
    read: (value) =>
      accept(readWord(value, ["1.2", "1.3"]), "1.2 or 1.3", (minTlsVersion) => ({ ingress: { minTlsVersion } })),
  },
  {
    name: "backend-tls-ca-secrets",
    field: "backendTLS.caCertificateRefs",
    description: "Secrets of the Ingress's namespace with the roots to trust in ca.crt, with commas between them.",
    default: "the system's roots",
    example: "backend-ca",
    onUnreadable: "refuse",
    read: (value) =>
      accept(readList(value, isDnsName), "1 to 16 names of Secrets with commas between them", (names) => ({
        backendTLS: { caCertificateRefs: names.map((name) => ({ name })) },
      })),
  },
  {
    name: "backend-tls-hostname",
    field: "backendTLS.hostname",
    description: "The server name that is sent to backends and that their certificates must carry.",
    default: "service.namespace.svc",
    example: "chat.internal",
    onUnreadable: "refuse",
    read: (value) =>
      accept(isDnsName(value) ? value : null, "a DNS name in lower case", (hostname) => ({
        backendTLS: { hostname },
      })),
  },
  {
    name: "backend-tls-insecure-skip-verify",
    field: "backendTLS.insecureSkipVerify",
    description: "Accepts any certificate of a backend.",
    default: "false",
    example: "true",
    onUnreadable: "refuse",
    read: (value) =>
      accept(readBoolean(value), "true or false", (insecureSkipVerify) => ({ backendTLS: { insecureSkipVerify } })),
  },
];
