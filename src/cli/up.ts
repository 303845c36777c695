import { resolve } from 'node:path';
import { UP_SETTINGS, loadConfig } from '../config/index.ts';
import { administratorsAuthorizer, clientCertificateAuthenticator } from '../identity/index.ts';
import { assemble, type Identity } from './assemble.ts';
import type { Command, CommandContext } from './command.ts';
import { openLog, serveUntilEnd } from './serve-until-end.ts';

export const upCommand: Command = {
  name: 'up',
  summary: 'Makes each context of a kubeconfig a member, and serves them as one Kubernetes API.',
  settings: UP_SETTINGS,
  run: up,
};

async function up(context: CommandContext): Promise<number> {
  const { args, environment } = context;
  const given = loadConfig(UP_SETTINGS, { args, environment });
  const config = { ...given, dataDir: resolve(given.dataDir) };
  const log = openLog(config);
  const assembly = await assemble({ config, environment, log, openIdentity, now: Date.now });
  return serveUntilEnd(context, { config, log, assembly });
}

/** Nobody stands in front: our own certificates tell who is an administrator. */
async function openIdentity({ authority }: { readonly authority: string }): Promise<Identity> {
  const authorities = (): string[] => [authority];
  return Promise.resolve({
    authenticators: [clientCertificateAuthenticator({ authorities, now: Date.now })],
    authorizers: [administratorsAuthorizer],
  });
}
