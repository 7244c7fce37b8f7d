const CREDENTIAL =
  /auth|cookie|token|secret|passw|credential|session|signature|ticket|assertion|jwt|key$|api[-_]?key|(?:^|[-_.])(?:code|otp|pwd|sid|sig)$/i;

/** Whether the value of a header field or query parameter of this name may be a credential, which is never shown. */
export function isCredentialName(name: string): boolean {
  return CREDENTIAL.test(name);
}
