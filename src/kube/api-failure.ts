import type { ApiFailureType } from "../base/cluster-figures.ts";
import { cut } from "../base/object-name.ts";

const MAX_MESSAGE = 300;

/** What a server says is shown on pages of lines. */
const CONTROLS = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** A request to the API server gave nothing that can be used. Its message is for people, and quotes no credential. */
export class ApiFailure extends Error {
  override readonly name = "ApiFailure";
  readonly type: ApiFailureType;
  /** When the server wants to be asked again, from now; null if it did not say. */
  readonly retryAfterMs: number | null;

  constructor(type: ApiFailureType, message: string, retryAfterMs: number | null = null) {
    super(cut(message.replaceAll(CONTROLS, " "), MAX_MESSAGE));
    this.type = type;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Longer waits are not believed: a server that is back should be noticed. */
const MAX_RETRY_AFTER_S = 120;

const TYPES: ReadonlyMap<number, ApiFailureType> = new Map([
  [401, "unauthorized"],
  [403, "forbidden"],
  [404, "absent"],
  [410, "expired"],
  [429, "throttled"],
]);

/** What an answer that is no success means. `retryAfter` is the field's value, in seconds (RFC 9110 10.2.3; dates are not read). */
export function failureOfStatus(status: number, message: string, retryAfter: string | undefined): ApiFailure {
  const type = TYPES.get(status) ?? "refused";
  const text = status >= 300 && status < 400 ? "a redirect, which is not followed" : message;
  return new ApiFailure(
    type,
    `the API server answered ${status}${text === "" ? "" : `: ${text}`}`,
    readWait(retryAfter),
  );
}

function readWait(text: string | undefined): number | null {
  if (text === undefined || !/^\d{1,6}$/.test(text)) return null;
  return Math.min(Number(text), MAX_RETRY_AFTER_S) * 1_000;
}

const CERTIFICATE_CODE = /CERT|VERIFY|SELF_SIGNED|ISSUER|HOSTNAME|CRL/;

/** What a failed connection means; an ApiFailure stays what it is. */
export function failureOfError(error: unknown, whenOpen: boolean): ApiFailure {
  if (error instanceof ApiFailure) return error;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (CERTIFICATE_CODE.test(code)) {
    return new ApiFailure("untrusted", `the API server's certificate is not trusted (${code})`);
  }
  if (whenOpen) return new ApiFailure("broken", `the connection to the API server broke (${code})`);
  return new ApiFailure("unreachable", `the API server cannot be reached (${code === "" ? "no reason given" : code})`);
}
