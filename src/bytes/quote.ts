/**
 * The JSON string literal of a text, with its quotes. Escapes are those of JSON.stringify: a lone
 * surrogate becomes \udXXX, so the literal is always well-formed when encoded as UTF-8.
 */
export const quote = (text: string): string => JSON.stringify(text);
