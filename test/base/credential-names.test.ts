import { expect, test } from "vitest";
import { isCredentialName } from "../../src/base/credential-names.ts";

const SECRET =
  "Authorization Cookie x-api-key apikey X-Amz-Security-Token X-Amz-Signature x-functions-key token access_token key sharedAccessKey sig jwt code ticket sid pwd client_assertion";
const PLAIN = "x-tenant v version accept-encoding transport EIO x-country-code-list design keyword";

test.each(SECRET.split(" "))("the value of %s is never shown", (name) => {
  expect(isCredentialName(name)).toBe(true);
});

test.each(PLAIN.split(" "))("the value of %s is shown", (name) => {
  expect(isCredentialName(name)).toBe(false);
});
