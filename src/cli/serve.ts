import { resolve } from 'node:path';
import type { Logger } from 'pino';
import {
  SERVE_SETTINGS,
  loadConfig,
  readAddress,
  type Environment,
  type ServeConfig,
} from '../config/index.ts';
import {
  accessReviewAuthorizer,
  administratorsAuthorizer,
  clientCertificateAuthenticator,
  followHostAuthentication,
  requestHeaderAuthenticator,
  tokenReviewAuthenticator,
  type OwnCertificates,
} from '../identity/index.ts';
import { StatusError, badRequest, toStatusError } from '../kube/index.ts';
import { connectCluster } from '../kubeconfig/index.ts';
import { type ConnectedMember } from '../members/index.ts';
import { assemble, type Assembly, type Identity } from './assemble.ts';
import type { Command, CommandContext } from './command.ts';
import { keepRegistration, register, withdraw } from './register.ts';
import { SERVICE_NAMES } from './registration-objects.ts';
import { openLog, serveUntilEnd } from './serve-until-end.ts';

export const serveCommand: Command = {
  name: 'serve',
  summary: "Serves behind a host cluster's aggregator, to its users and by its rights.",
  settings: SERVE_SETTINGS,
  run: serve,
};

interface Start {
  readonly config: ServeConfig;
  readonly environment: Environment;
  readonly log: Logger;
  readonly host: ConnectedMember;
}

async function serve(context: CommandContext): Promise<number> {
  const { args, environment } = context;
  const given = loadConfig(SERVE_SETTINGS, { args, environment });
  if (given.advertise !== undefined && !given.register) {
    throw badRequest('--advertise is of use with --register only');
  }
  const config = { ...given, dataDir: resolve(given.dataDir) };
  const log = openLog(config);
  const host = await connectHost(config.hostKubeconfig, { environment, log });
  try {
    const start = { config, environment, log, host };
    const assembly = await open(start);
    return await serveUntilEnd(context, { config, log, assembly });
  } finally {
    await host.close();
  }
}

/** @throws BadRequest when the kubeconfig can't be used */
export async function connectHost(
  kubeconfig: string,
  { environment, log }: { environment: Environment; log: Logger },
): Promise<ConnectedMember> {
  return connectCluster({ name: 'host', kubeconfig, env: environment, log, now: Date.now });
}

/** Registers once the port is open, so that the host's first look finds us. */
async function open(start: Start): Promise<Assembly> {
  const { config, environment, log, host } = start;
  const advertise = config.advertise === undefined ? undefined : readAddress(config.advertise);
  const assembly = await assemble({
    config,
    environment,
    log,
    now: Date.now,
    openIdentity: async (certificates) => openIdentity(certificates, start),
    servingNames: [...SERVICE_NAMES, ...(advertise ? [advertise.host] : [])],
  });
  if (!config.register) return assembly;
  const options = { caBundle: assembly.authority, advertise };
  try {
    const changed = await register(host, options);
    log.info({ changed }, 'registered with the host');
  } catch (err) {
    await assembly.close();
    throw err;
  }
  const kept = { ...options, log: log.child({ room: 'registration' }) };
  const end = keepRegistration(host, kept);
  return {
    ...assembly,
    close: async () => {
      end();
      // Pods behind the Service follow one another; a server beside the host is the only one. It is
      // taken away while requests are still served.
      await Promise.all([advertise && withdraw(host, kept), assembly.close()]);
    },
  };
}

/** The host's users, as its aggregator or their own credentials tell them; its rights decide. */
async function openIdentity(
  { authority }: OwnCertificates,
  { host, log: parent }: Start,
): Promise<Identity> {
  const log = parent.child({ room: 'identity' });
  const now = Date.now;
  // A clock that is set back must not make an answer last longer.
  const elapsed = (): number => performance.now();
  const followed = await followHostAuthentication({ host, log }).catch((thrown: unknown) => {
    const { reason, message } = toStatusError(thrown);
    const place = 'ConfigMap kube-system/extension-apiserver-authentication';
    throw new StatusError(reason, `${place} of the host can't be read: ${message}`);
  });
  if (!followed.current().requestHeader) {
    log.warn({}, 'the host has no aggregator: it will tell us of no user');
  }
  const authorities = (): string[] => [authority, ...followed.current().clientAuthorities];
  return {
    authenticators: [
      requestHeaderAuthenticator({ rules: () => followed.current().requestHeader, now }),
      clientCertificateAuthenticator({ authorities, now }),
      tokenReviewAuthenticator({ host, now: elapsed }),
    ],
    authorizers: [administratorsAuthorizer, accessReviewAuthorizer({ host, now: elapsed })],
    close: async () => followed.close(),
  };
}
