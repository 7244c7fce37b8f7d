/** Orders texts by code unit: a locale would let two machines disagree. */
export function compareText(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** Orders objects by `namespace/name` as one text, which is how Gateway API breaks ties between objects of one age. */
export function compareNames(
  left: { readonly namespace: string; readonly name: string },
  right: { readonly namespace: string; readonly name: string },
): number {
  return compareText(`${left.namespace}/${left.name}`, `${right.namespace}/${right.name}`);
}
