import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';

import { tar, type TarEntry } from './tar.ts';

/** How a container of the image starts, in the image specification's own words. */
export interface ImageConfig {
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Env?: readonly string[];
  readonly WorkingDir?: string;
}

/** An image of one layer. */
export interface Image {
  /** With host part and tag, e.g. `localhost/busybox:1`. */
  readonly name: string;
  readonly entries: readonly TarEntry[];
  readonly config: ImageConfig;
}

/** Writes an image as an archive of the OCI layout, which `ctr images import` reads. */
export async function writeImage(path: string, { name, entries, config }: Image): Promise<void> {
  const blobs: TarEntry[] = [];
  const add = (mediaType: string, content: Buffer) => {
    const hex = sha256(content);
    blobs.push({ path: `blobs/sha256/${hex}`, file: content });
    return { mediaType, digest: `sha256:${hex}`, size: content.length };
  };
  const layer = tar(entries);
  const manifest = add(
    'application/vnd.oci.image.manifest.v1+json',
    json({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: add(
        'application/vnd.oci.image.config.v1+json',
        json({
          architecture: process.arch === 'x64' ? 'amd64' : process.arch,
          os: 'linux',
          config,
          rootfs: { type: 'layers', diff_ids: [`sha256:${sha256(layer)}`] },
        }),
      ),
      layers: [add('application/vnd.oci.image.layer.v1.tar', layer)],
    }),
  );
  const annotations = {
    'io.containerd.image.name': name,
    'org.opencontainers.image.ref.name': name.slice(name.lastIndexOf(':') + 1),
  };
  const index = { schemaVersion: 2, manifests: [{ ...manifest, annotations }] };
  const layout: TarEntry[] = [
    { path: 'oci-layout', file: json({ imageLayoutVersion: '1.0.0' }) },
    { path: 'index.json', file: json(index) },
  ];
  await writeFile(path, tar([...layout, ...blobs]));
}

const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex');
const json = (value: object): Buffer => Buffer.from(JSON.stringify(value));
