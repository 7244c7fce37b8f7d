import { writeSync } from "node:fs";

/**
 * From now on a defect that nobody caught ends the process with exit code 1 and its stack on standard error. Nothing else
 * of the error is printed: Node's own errors keep what they could not read, such as a URL with a token in it.
 */
export function exitOnCrash(): void {
  process.on("uncaughtException", (error: unknown) => {
    const stack = error instanceof Error ? error.stack : undefined;
    try {
      writeSync(
        process.stderr.fd,
        `fairlead: ended by a defect: ${stack ?? "something was thrown that is no error"}\n`,
      );
    } catch {
      // Whoever reads standard error has left, or reads nothing: there is nobody to tell.
    }
    process.exit(1);
  });
}
