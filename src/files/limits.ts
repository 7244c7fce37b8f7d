/** What a directory of manifests may cost; whatever is beyond is not read, and reported. */
export type FileLimits = {
  /** Manifest files in the whole tree. */
  readonly files: number;
  /** Directory entries of any kind that are looked at in the whole tree. */
  readonly directoryEntries: number;
  /** Directories below the root. */
  readonly directoryDepth: number;
  readonly fileBytes: number;
  /** Bytes of all manifest files together. */
  readonly totalBytes: number;
  /** Objects in one file, after lists are taken apart. */
  readonly objectsPerFile: number;
  /** Maps and sequences inside one another. */
  readonly nesting: number;
  /** Nodes that the aliases of one document may add. */
  readonly aliasNodes: number;
  /** Problems that one file may report. */
  readonly problemsPerFile: number;
};

/** Far above any sane directory, and small enough that a hostile one cannot end the process. */
export const DEFAULT_FILE_LIMITS: FileLimits = {
  files: 10_000,
  directoryEntries: 100_000,
  directoryDepth: 16,
  fileBytes: 8 * 1024 * 1024,
  totalBytes: 128 * 1024 * 1024,
  objectsPerFile: 20_000,
  nesting: 64,
  aliasNodes: 100_000,
  problemsPerFile: 50,
};
