const NOTE = '<!-- Generated from the code by `npm run docs`. Do not edit. -->';

/** A generated document. */
export function page(title: string, intro: string, ...sections: string[]): string {
  return `${[`# ${title}`, NOTE, intro, ...sections].join('\n\n')}\n`;
}

/** A table in Markdown. */
export function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  // `|` would end a cell.
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
