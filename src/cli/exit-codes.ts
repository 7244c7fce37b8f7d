/** What the exit code of every command says; listed once. */
export const EXIT_CODES = {
  0: "The command did what it was asked to, and found nothing wrong.",
  1: "It failed, or found what is to be mended; the output says what.",
  2: "The command line was wrong; nothing was done.",
} as const;

/** How a command ends: 0 done, 1 failed or with findings, 2 the command line was wrong. */
export type ExitCode = keyof typeof EXIT_CODES;
