import { isTrue } from '../kube/index.ts';

const PROXY_SUBRESOURCE = /\/(?:pods|services|nodes)\/[^/]+\/proxy(?:\/|$)/;
const WATCH_PATH = /^\/(?:api\/[^/]+|apis\/[^/]+\/[^/]+)\/watch\//;

/** Requests that may rightly be silent for hours: watches, followed logs, what is proxied to a workload. */
export function isLongRunning(path: string): boolean {
  const [pathname = '', search = ''] = path.split('?', 2);
  if (PROXY_SUBRESOURCE.test(pathname) || WATCH_PATH.test(pathname)) return true;
  const query = new URLSearchParams(search);
  return isTrue(query, 'watch') || (pathname.endsWith('/log') && isTrue(query, 'follow'));
}
