/** What can end a process for want of memory: its cgroup's limit, V8's, or the machine's end where no cgroup has one. */
export const MEMORY_SOURCES = ["cgroup", "heap", "machine"] as const;

/** One of MEMORY_SOURCES. */
export type MemorySource = (typeof MEMORY_SOURCES)[number];

/** How much of a limit is used. */
export type MemoryUse = { readonly source: MemorySource; readonly usedBytes: number; readonly limitBytes: number };

/** `normal`; `refusing` new handshakes; `shedding` open connections too. */
export const MEMORY_LEVELS = ["normal", "refusing", "shedding"] as const;

/** One of MEMORY_LEVELS. */
export type MemoryLevel = (typeof MEMORY_LEVELS)[number];
