import type { ServerResponse } from 'node:http';

/** Characters of all warnings of one answer; beyond it, each is cut to `SHORT`. */
const TOTAL = 4096;
const SHORT = 256;

/**
 * Collects the warnings of one answer as `Warning: 299 - "…"` header lines. Bounded as
 * kube-apiserver bounds them, so that headers stay small whatever the number of members.
 */
export function warningWriter(res: ServerResponse): (text: string) => void {
  const seen = new Set<string>();
  let total = 0;
  return (text) => {
    const clean = cleanText(text);
    if (clean === '' || seen.has(clean) || res.headersSent) return;
    seen.add(clean);
    const cut = total + clean.length > TOTAL ? clean.slice(0, SHORT) : clean;
    if (total + cut.length > 2 * TOTAL) return;
    total += cut.length;
    res.appendHeader('Warning', `299 - "${cut.replace(/[\\"]/g, '\\$&')}"`);
  };
}

/** Header values hold one line; what is not Latin-1 goes out as UTF-8 bytes. */
function cleanText(text: string): string {
  const oneLine = text.replace(/[\u0000-\u001f\u007f]+/g, ' ').trim();
  return Buffer.from(oneLine, 'utf8').toString('latin1');
}
