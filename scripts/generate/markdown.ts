/** A heading, prose or a table, separated by blank lines and ended by one newline. */
export function writePage(blocks: readonly string[]): string {
  return `${blocks.join("\n\n")}\n`;
}

/** A table with one row an item; `|` and newlines in cells are made harmless. */
export function writeTable(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(" | ")} |`;
  return [line(titles), line(titles.map(() => "---")), ...rows.map(line)].join("\n");
}

/** Text in a code span, whatever it holds; empty for empty text. */
export function code(text: string): string {
  if (text === "") return "";
  return text.includes("`") ? `\`\` ${text} \`\`` : `\`${text}\``;
}

/** What generated pages begin with. */
export function origin(source: string): string {
  return `<!-- Generated from ${source} by \`npm run generate\`. Do not edit. -->`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}
