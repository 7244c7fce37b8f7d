/** A test, or a group of tests, by its file and a part of its title. */
export type Killer = { readonly file: string; readonly title: string };

/** A bug on purpose: one text of one module is replaced, and the killer has to notice. */
export type Mutant = {
  readonly name: string;
  /** What a user would suffer. */
  readonly harm: string;
  /** From the root of the project. */
  readonly file: string;
  /** Occurs in the file exactly once. */
  readonly find: string;
  readonly replace: string;
  readonly killedBy: Killer;
};

/** How often the text that a mutant replaces occurs. */
export function countOccurrences({ find }: Mutant, code: string): number {
  return code.split(find).length - 1;
}

/** The module with its bug. Throws if there is not exactly one place for it. */
export function applyMutant(mutant: Mutant, code: string): string {
  const times = countOccurrences(mutant, code);
  if (times !== 1) throw new Error(`the text of ${mutant.name} occurs ${times} times in ${mutant.file}`);
  return code.split(mutant.find).join(mutant.replace);
}
