import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ViewClient } from '../support/view-client.ts';

/** What the server holds, after a collection. */
export interface Footprint {
  readonly heapBytes: number;
  /** Outside of the heap, buffers included. */
  readonly externalBytes: number;
  readonly residentBytes: number;
  /** Timers, sockets and the like, as Node counts them. */
  readonly handles: number;
  readonly openFiles: number;
}

const METRICS: Readonly<Record<keyof Footprint, string>> = {
  heapBytes: 'nodejs_heap_size_used_bytes',
  externalBytes: 'nodejs_external_memory_bytes',
  residentBytes: 'process_resident_memory_bytes',
  handles: 'nodejs_active_handles_total',
  openFiles: 'process_open_fds',
};
const READINGS = 5;

/** Of several readings the least: what is on its way at a moment is not held. */
export async function readFootprint(root: ViewClient, server: ChildProcess): Promise<Footprint> {
  const readings: Footprint[] = [];
  for (let count = 0; count < READINGS; count += 1) {
    server.kill('SIGUSR2');
    await sleep(400);
    const { body } = await root.get('/metrics');
    const value = (name: string): number =>
      Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(body)?.[1]);
    readings.push({
      heapBytes: value(METRICS.heapBytes),
      externalBytes: value(METRICS.externalBytes),
      residentBytes: value(METRICS.residentBytes),
      handles: value(METRICS.handles),
      openFiles: value(METRICS.openFiles),
    });
  }
  const least = (key: keyof Footprint): number => Math.min(...readings.map((each) => each[key]));
  return {
    heapBytes: least('heapBytes'),
    externalBytes: least('externalBytes'),
    residentBytes: least('residentBytes'),
    handles: least('handles'),
    openFiles: least('openFiles'),
  };
}
