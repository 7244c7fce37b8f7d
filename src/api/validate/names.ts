/** Says what is wrong with a name, as a predicate of "the value"; null if nothing is. */
export type NameCheck = (text: string) => string | null;

const labelPattern = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const subdomainPattern = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const qualifiedPattern = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;

/** A label of a DNS name (RFC 1123): namespaces, port names, and Services, which may start with a digit since 1.34. */
export const dnsLabel: NameCheck = (text) => {
  if (text.length > 63) return "must be no more than 63 characters";
  if (labelPattern.test(text)) return null;
  return "must be a DNS-1123 label: lower case letters, digits and '-', starting and ending with a letter or digit (such as 'my-name')";
};

/** A DNS name in lower case (RFC 1123): names of most objects, and hosts. */
export const dnsSubdomain: NameCheck = (text) => {
  if (text.length > 253) return "must be no more than 253 characters";
  if (subdomainPattern.test(text)) return null;
  return "must be a DNS-1123 subdomain: lower case letters, digits, '-' and '.', starting and ending with a letter or digit (such as 'example.com')";
};

/** `*.` and a DNS name in lower case. */
export const wildcardSubdomain: NameCheck = (text) => {
  if (text.length > 253) return "must be no more than 253 characters";
  if (text.startsWith("*.") && subdomainPattern.test(text.slice(2))) return null;
  return "must be a wildcard DNS-1123 subdomain: '*.' followed by a DNS-1123 subdomain (such as '*.example.com')";
};

/** A name with an optional `prefix/`: keys of labels, appProtocol. */
export const qualifiedName: NameCheck = (text) => {
  const slash = text.indexOf("/");
  if (slash === 0) return "prefix part must not be empty";
  const prefix = slash < 0 ? null : dnsSubdomain(text.slice(0, slash));
  if (prefix !== null) return `prefix part ${prefix}`;
  const name = text.slice(slash + 1);
  if (name.length > 63) return "name part must be no more than 63 characters";
  if (qualifiedPattern.test(name)) return null;
  return "name part must consist of letters, digits, '-', '_' and '.', starting and ending with a letter or digit (such as 'example.com/my-name')";
};

/** The value of a label; may be empty. */
export const labelValue: NameCheck = (text) => {
  if (text.length > 63) return "must be no more than 63 characters";
  if (text === "" || qualifiedPattern.test(text)) return null;
  return "must be empty or consist of letters, digits, '-', '_' and '.', starting and ending with a letter or digit";
};

/** The name of a port that others refer to (RFC 6335 5.1). */
export const portName: NameCheck = (text) => {
  if (text.length > 15) return "must be no more than 15 characters";
  if (!/^[-a-z0-9]+$/.test(text)) return "must contain only lower case letters, digits and '-'";
  if (!/[a-z]/.test(text)) return "must contain at least one letter";
  if (text.includes("--")) return "must not contain consecutive hyphens";
  return text.startsWith("-") || text.endsWith("-") ? "must not begin or end with a hyphen" : null;
};

/** A key of a Secret's data. */
export const dataKey: NameCheck = (text) => {
  if (text.length > 253) return "must be no more than 253 characters";
  if (!/^[-._a-zA-Z0-9]+$/.test(text)) return "must consist of letters, digits, '-', '_' and '.'";
  return text === "." || text.startsWith("..") ? "must not be '.' or start with '..'" : null;
};

/** A port number that can be listened on. */
export function portNumber(port: number): string | null {
  return Number.isInteger(port) && port >= 1 && port <= 65535 ? null : "must be between 1 and 65535, inclusive";
}
