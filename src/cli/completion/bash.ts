import { type CompletedCommand, type CompletedFlag, PROGRAM_FLAGS, type Values } from "./completions.ts";

const OFFERS = { files: "_fairlead_files -f; ", directories: "_fairlead_files -d; ", free: "" } as const;

/** A script for bash 3.2 and later. Every word in it is of the table of commands and holds no character that a shell would read otherwise. */
export function bashScript(commands: readonly CompletedCommand[]): string {
  const names = commands.map(({ name }) => name);
  return `# bash completion for fairlead: source <(fairlead completion bash)
_fairlead_lines() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do COMPREPLY+=("$line"); done
}
_fairlead_words() { _fairlead_lines < <(compgen -W "$1" -- "$cur"); }
_fairlead_files() {
  compopt -o filenames 2>/dev/null
  _fairlead_lines < <(compgen "$1" -- "$cur")
}
_fairlead() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} command= at
  COMPREPLY=()
  # bash takes --flag=value apart at the sign.
  if [[ $cur == "=" ]]; then cur=; elif [[ $prev == "=" ]]; then prev=\${COMP_WORDS[COMP_CWORD-2]}; fi
  for ((at = 1; at < COMP_CWORD; at++)); do
    if [[ \${COMP_WORDS[at]} != -* ]]; then command=\${COMP_WORDS[at]}; break; fi
  done
  case "$command $prev" in
${commands.flatMap(valueCases).join("\n")}
  esac
  case "$command" in
  "")
    if [[ $cur == -* ]]; then _fairlead_words "${flagNames(PROGRAM_FLAGS)}"; else _fairlead_words "${names.join(" ")}"; fi ;;
${commands.map(commandCase).join("\n")}
  esac
}
complete -F _fairlead fairlead
`;
}

function valueCases({ name, flags }: CompletedCommand): readonly string[] {
  return flags.flatMap((flag) => {
    if (flag.values === null) return [];
    const places = flag.names.map((each) => `"${name} ${each}"`).join("|");
    return [`  ${places}) ${offer(flag.values)}return ;;`];
  });
}

function commandCase({ name, flags, operands }: CompletedCommand): string {
  const words = operands === null ? ":" : `${offer(operands)}:`;
  return `  ${name})\n    if [[ $cur == -* ]]; then _fairlead_words "${flagNames(flags)}"; else ${words}; fi ;;`;
}

function offer(values: Values): string {
  return values.type === "words" ? `_fairlead_words "${values.words.join(" ")}"; ` : OFFERS[values.type];
}

function flagNames(flags: readonly CompletedFlag[]): string {
  return flags.flatMap(({ names }) => names).join(" ");
}
