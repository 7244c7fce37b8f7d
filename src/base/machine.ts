/** What a process may know of the machine under it, as an argument, so that tests make machines up. */
export type Machine = {
  /** A small file of the system, such as one of /proc; null when it is not there or may not be read. Never throws. */
  readonly readText: (path: string) => string | null;
  /** The old generation of JavaScript's heap: what is used, garbage included, and what V8 ends the process at. */
  readonly heap: () => { readonly usedBytes: number; readonly limitBytes: number };
  readonly residentBytes: () => number;
  readonly totalBytes: number;
};
