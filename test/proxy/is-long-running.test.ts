import { expect, it } from 'vitest';
import { isLongRunning } from '../../src/proxy/index.ts';

it.each([
  { path: '/api/v1/pods?watch=true', want: true },
  { path: '/api/v1/pods?limit=1&watch=1', want: true },
  { path: '/api/v1/pods?watch', want: true },
  { path: '/api/v1/pods?watch=false', want: false },
  { path: '/api/v1/pods?watch=0', want: false },
  { path: '/api/v1/watch/pods', want: true },
  { path: '/apis/apps/v1/watch/deployments', want: true },
  { path: '/api/v1/namespaces/watch/pods', want: false },
  { path: '/api/v1/namespaces/n/pods/p/log?follow=true', want: true },
  { path: '/api/v1/namespaces/n/pods/p/log', want: false },
  { path: '/api/v1/namespaces/n/pods?follow=true', want: false },
  { path: '/api/v1/namespaces/n/services/s:80/proxy/poll?x=1', want: true },
  { path: '/api/v1/nodes/n/proxy', want: true },
  { path: '/api/v1/namespaces/n/configmaps/proxy', want: false },
])('$path may last long: $want', ({ path, want }) => {
  expect(isLongRunning(path)).toBe(want);
});
