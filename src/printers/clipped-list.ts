/** The first `shown` of a list, and how many more there are: `a,b,c + 2 more...`. */
export function clippedList(
  items: readonly string[],
  { shown = 3, separator = ',' }: { readonly shown?: number; readonly separator?: string } = {},
): string {
  const text = items.slice(0, shown).join(separator);
  return items.length > shown ? `${text} + ${items.length - shown} more...` : text;
}
