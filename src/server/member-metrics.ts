import { Gauge, type Registry } from 'prom-client';

/** What a scrape shows of one member; undefined values are left out. */
export interface MemberSnapshot {
  readonly member: string;
  readonly isUp: boolean;
  /** Whether what is shown of it is older than it should be. */
  readonly isStale?: boolean;
  /** Since the last proof of life. */
  readonly lagSeconds?: number;
  readonly objects?: number;
  readonly bytes?: number;
}

/** Certificate name → when it expires, milliseconds since the epoch. */
export type CertificateExpiries = Readonly<Record<string, number>>;

export interface MetricsSources {
  readonly members: () => readonly MemberSnapshot[];
  readonly certificates: () => CertificateExpiries;
}

interface MemberGauge {
  readonly name: string;
  readonly help: string;
  readonly read: (snapshot: MemberSnapshot) => number | boolean | undefined;
}

const MEMBER_GAUGES: readonly MemberGauge[] = [
  { name: 'flotilla_member_up', help: 'Whether the member answers.', read: ({ isUp }) => isUp },
  {
    name: 'flotilla_member_stale',
    help: 'Whether objects of the member are shown as last known.',
    read: ({ isStale }) => isStale,
  },
  {
    name: 'flotilla_member_lag_seconds',
    help: 'Seconds since the member gave its last sign of life.',
    read: ({ lagSeconds }) => lagSeconds,
  },
  {
    name: 'flotilla_member_objects',
    help: 'Objects of the member in memory.',
    read: ({ objects }) => objects,
  },
  {
    name: 'flotilla_member_bytes',
    help: 'Bytes of those objects.',
    read: ({ bytes }) => bytes,
  },
];

/** Gauges that are read when they are scraped, so that nobody has to keep them current. */
export function registerGauges(registry: Registry, sources: MetricsSources): void {
  for (const { name, help, read } of MEMBER_GAUGES) {
    new Gauge({
      name,
      help,
      labelNames: ['member'],
      registers: [registry],
      collect() {
        this.reset();
        for (const snapshot of sources.members()) {
          const value = read(snapshot);
          if (value !== undefined) this.set({ member: snapshot.member }, Number(value));
        }
      },
    });
  }
  new Gauge({
    name: 'flotilla_certificate_expiration_timestamp_seconds',
    help: 'When a certificate of this server expires, in seconds since the epoch.',
    labelNames: ['certificate'],
    registers: [registry],
    collect() {
      for (const [certificate, expiresAt] of Object.entries(sources.certificates())) {
        this.set({ certificate }, expiresAt / 1000);
      }
    },
  });
}
