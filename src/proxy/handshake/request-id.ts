// Also bounds what a trusted peer can put into logs and answers.
const KEPT = /^[A-Za-z0-9._~+/=:-]{1,128}$/;

/** Makes ids `<instance>-<worker>-<n>`, unique as long as no two replicas share an instance name. */
export function createRequestIds(instance: string, worker: number): () => string {
  let count = 0;
  return () => {
    count += 1;
    return `${instance}-${worker}-${count}`;
  };
}

/** An X-Request-Id that may be kept: one value of at most 128 harmless characters; else null. */
export function readRequestId(values: readonly string[] | undefined): string | null {
  const [value] = values ?? [];
  return values?.length === 1 && value !== undefined && KEPT.test(value) ? value : null;
}
