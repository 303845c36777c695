/** The first of the texts that is neither absent nor empty; empty when there is none. */
export function filled(...texts: readonly (string | null | undefined)[]): string {
  return texts.find((text) => text !== undefined && text !== null && text !== '') ?? '';
}
