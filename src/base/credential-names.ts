const CREDENTIAL = /auth|cookie|token|secret|passw|credential|session|signature|api[-_]?key/i;

/** Whether the value of a header field or query parameter of this name may be a credential, which is never shown. */
export function isCredentialName(name: string): boolean {
  return CREDENTIAL.test(name);
}
