/** The shells that can be made to complete. */
export const SHELLS = ["bash", "zsh", "fish"] as const;

/** The name of a shell that can be made to complete. */
export type Shell = (typeof SHELLS)[number];
