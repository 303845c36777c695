import { describe, expect, it } from 'vitest';
import {
  conflict,
  expired,
  memberUnavailable,
  methodNotAllowed,
  notFound,
  REASONS,
  StatusError,
  toStatusError,
  unknownPath,
  unsupportedMethod,
  type Reason,
} from '../../src/kube/index.ts';

const DEPLOYMENTS = { group: 'apps', resource: 'deployments' };

describe('a failure', () => {
  it('is told as a v1 Status', () => {
    expect(notFound(DEPLOYMENTS, 'web').toStatus()).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'deployments.apps "web" not found',
      reason: 'NotFound',
      details: { name: 'web', group: 'apps', kind: 'deployments' },
      code: 404,
    });
  });

  it('lists what could be meant', () => {
    const { message, details } = notFound(DEPLOYMENTS, 'web', ['web@m1', 'web@m2']);

    expect(message).toBe('deployments.apps "web" not found; it is in web@m1, web@m2');
    expect(details?.causes).toEqual([
      { reason: 'Choice', message: 'web@m1', field: 'metadata.name' },
      { reason: 'Choice', message: 'web@m2', field: 'metadata.name' },
    ]);
  });

  it.each([
    {
      error: unknownPath(),
      code: 404,
      message: 'the server could not find the requested resource',
    },
    {
      error: conflict(DEPLOYMENTS, 'web', 'it has changed'),
      code: 409,
      message: 'Operation cannot be fulfilled on deployments.apps "web": it has changed',
    },
    {
      error: methodNotAllowed({ group: '', resource: 'pods' }, 'create'),
      code: 405,
      message: 'create is not supported on resources of kind "pods"',
    },
    {
      error: unsupportedMethod(),
      code: 405,
      message: 'the server does not allow this method on the requested resource',
    },
    { error: expired('too old'), code: 410, message: 'too old' },
    { error: memberUnavailable('m1', 'is down'), code: 503, message: 'cluster m1: is down' },
  ])('says: $message', ({ error, code, message }) => {
    expect(error.toStatus()).toMatchObject({ code, message });
  });

  it.each(Object.entries(REASONS) as [Reason, number][])('%s has code %i', (reason, code) => {
    expect(new StatusError(reason, 'text')).toMatchObject({ reason, code, details: undefined });
    expect(new StatusError(reason, 'text').toStatus()).not.toHaveProperty('details');
  });

  it('of any other kind is an internal error that tells nothing of its cause', () => {
    const cause = new Error('secret');
    const error = toStatusError(cause);

    expect(error.cause).toBe(cause);
    expect(JSON.stringify(error.toStatus())).not.toContain('secret');
    expect(toStatusError(error)).toBe(error);
  });
});
