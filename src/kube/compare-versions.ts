const NUMBER = /^[1-9][0-9]{0,30}$/;

/**
 * Orders two resourceVersions: below zero if the first is older. Null where one is no number: they are then only good for
 * telling whether they are the same (https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions).
 */
export function compareVersions(one: string, other: string): number | null {
  if (one === other) return 0;
  if (!NUMBER.test(one) || !NUMBER.test(other)) return null;
  if (one.length !== other.length) return one.length - other.length;
  return one < other ? -1 : 1;
}

/** True if the first is known to be the older one, or the same. */
export function isNotNewer(one: string, other: string): boolean {
  const order = compareVersions(one, other);
  return order !== null && order <= 0;
}
