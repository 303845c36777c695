import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openOwnCertificates, type OwnCertificates } from '../../src/identity/index.ts';

const DAY = 86_400_000;

describe('certificates of our own', () => {
  let parent: string;
  let directory: string;
  let clock = Date.now();
  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'flotilla-pki-'));
    directory = join(parent, 'pki');
    clock = Date.now();
  });
  afterEach(async () => rm(parent, { recursive: true }));
  const open = async (
    names = ['localhost', '127.0.0.1', '::1', '*.member.flotilla'],
  ): Promise<OwnCertificates> => openOwnCertificates({ directory, names, now: () => clock });

  it('are made in a private directory, in private files', async () => {
    await open();

    const modes = await Promise.all(
      (await readdir(directory)).sort().map(async (name) => {
        const { mode } = await stat(join(directory, name));
        return `${name} ${(mode & 0o777).toString(8)}`;
      }),
    );
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
    expect(modes).toEqual(['admin.pem 600', 'ca.crt 644', 'ca.pem 600', 'serving.pem 600']);
  });

  it('the serving certificate covers every name and is signed by the authority', async () => {
    const { serving, authority } = await open();

    const certificate = new X509Certificate(serving().cert);
    expect(certificate.subjectAltName).toBe(
      'DNS:*.member.flotilla, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, DNS:localhost',
    );
    expect(certificate.verify(new X509Certificate(authority).publicKey)).toBe(true);
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
  });

  it('the authority lives ten years, leaves a month', async () => {
    const { expiries } = await open();

    const days = Object.values(expiries()).map((expiry) => Math.round((expiry - clock) / DAY));
    expect(days).toEqual([3650, 30, 30]);
  });

  it('are used again at the next start', async () => {
    const first = await open();
    const second = await open();

    expect(second.authority).toBe(first.authority);
    expect(second.serving()).toEqual(first.serving());
    expect(second.admin()).toEqual(first.admin());
  });

  it('leaves are renewed while we run, in their last third and not before', async () => {
    const certificates = await open();
    const { cert } = certificates.serving();

    clock += 19 * DAY;
    expect(await certificates.renew()).toBe(false);
    clock += 2 * DAY;
    expect(await certificates.renew()).toBe(true);

    expect(certificates.serving().cert).not.toBe(cert);
    expect(Math.round((certificates.expiries().serving - clock) / DAY)).toBe(30);
    expect((await open()).serving()).toEqual(certificates.serving());
  });

  it.each([
    { title: 'more names', names: ['localhost', '10.0.0.1'] },
    { title: 'fewer names', names: [] },
    { title: 'another wildcard', names: ['localhost', '*.view.flotilla'] },
  ])('$title make a new serving certificate, nothing else', async ({ names }) => {
    const before = await open(['localhost', '*.member.flotilla']);
    const after = await open(names.length > 0 ? names : ['localhost']);

    expect(after.serving().cert).not.toBe(before.serving().cert);
    expect(after.admin()).toEqual(before.admin());
  });

  it.each([
    {
      title: 'garbage',
      file: 'ca.pem',
      content: () => 'hello',
      fault: 'does not hold a private key and a certificate',
    },
    {
      title: 'an empty file',
      file: 'serving.pem',
      content: () => '',
      fault: 'does not hold a private key',
    },
    {
      title: 'an unreadable certificate',
      file: 'admin.pem',
      content: () =>
        '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
      fault: 'can not be read',
    },
  ])('$title in $file is reported and left alone', async ({ file, content, fault }) => {
    await open();
    const path = join(directory, file);
    await writeFile(path, content());

    await expect(open()).rejects.toThrow(fault);
    await expect(open()).rejects.toThrow(path);
    expect(await readFile(path, 'utf8')).toBe(content());
  });

  it.each(['serving.pem', 'admin.pem'])('a %s of another authority is reported', async (file) => {
    await open();
    const foreign = await readFile(join(directory, file), 'utf8');
    await rm(directory, { recursive: true });
    await open();
    await writeFile(join(directory, file), foreign);

    await expect(open()).rejects.toThrow('is not signed by our own authority');
  });

  it('a leaf in place of the authority is reported', async () => {
    await open();
    await writeFile(join(directory, 'ca.pem'), await readFile(join(directory, 'admin.pem')));

    await expect(open()).rejects.toThrow('is not a certificate authority');
  });

  it('an expired authority is reported, not replaced behind the backs of its clients', async () => {
    await open();
    clock += 3651 * DAY;

    await expect(open()).rejects.toThrow('has expired');
  });

  it('a key of another pair is reported', async () => {
    await open();
    const [ca, serving] = await Promise.all(
      ['ca.pem', 'serving.pem'].map(async (name) => readFile(join(directory, name), 'utf8')),
    );
    const key = ca?.slice(0, ca.indexOf('-----BEGIN CERTIFICATE'));
    const cert = serving?.slice(serving.indexOf('-----BEGIN CERTIFICATE'));
    await writeFile(join(directory, 'serving.pem'), `${key}${cert}`);

    await expect(open()).rejects.toThrow('do not belong together');
  });
});
