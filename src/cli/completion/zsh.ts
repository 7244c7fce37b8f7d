import { type CompletedCommand, type CompletedFlag, PROGRAM_FLAGS, type Values } from "./completions.ts";

const ACTIONS = { files: "_files", directories: "_files -/", free: " " } as const;

/** A script for zsh with compinit: to be sourced, or to be a file `_fairlead` in a directory of fpath. */
export function zshScript(commands: readonly CompletedCommand[]): string {
  const list = commands.map(({ name, summary }) => `      ${quote(`${name}:${summary}`)}`);
  return `#compdef fairlead
# zsh completion for fairlead: source <(fairlead completion zsh)
_fairlead() {
  local context state state_descr line
  typeset -A opt_args
  _arguments -C ${PROGRAM_FLAGS.flatMap(flagSpecs).join(" ")} '1: :->command' '*:: :->words'
  case $state in
  command)
    local -a commands
    commands=(
${list.join("\n")}
    )
    _describe command commands ;;
  words)
    case $words[1] in
${commands.map(commandCase).join("\n")}
    esac ;;
  esac
}
if [[ $funcstack[1] == _fairlead ]]; then _fairlead "$@"; else compdef _fairlead fairlead; fi
`;
}

function commandCase({ name, flags, operands }: CompletedCommand): string {
  const specs = [...flags.flatMap(flagSpecs), ...(operands === null ? [] : [quote(`*: :${action(operands)}`)])];
  return `    ${name})\n      _arguments \\\n        ${specs.join(" \\\n        ")} ;;`;
}

function flagSpecs({ names, meaning, values, repeatable }: CompletedFlag): readonly string[] {
  const text = meaning.replaceAll(/[[\]\\:]/g, "\\$&");
  const head = repeatable ? "*" : `(${names.join(" ")})`;
  const tail = `[${text}]${values === null ? "" : `:value:${action(values)}`}`;
  return names.map((name) => quote(`${head}${name}${values !== null && name.startsWith("--") ? "=" : ""}${tail}`));
}

function action(values: Values): string {
  return values.type === "words" ? `(${values.words.join(" ")})` : ACTIONS[values.type];
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
