/** What a TLS connection to a member is made with. */
export interface TlsMaterial {
  readonly ca?: Buffer | string;
  readonly cert?: Buffer | string;
  readonly key?: Buffer | string;
  /** Name to ask for and to find in the certificate, where it is not the host's. */
  readonly servername?: string;
  readonly rejectUnauthorized: boolean;
}

/** How to get into a member at this moment. */
export interface Access {
  readonly server: URL;
  readonly tls: TlsMaterial;
  /** http, https or socks5. */
  readonly proxy: URL | undefined;
  /** Authorization and Impersonate-* headers: name, value pairs. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Equal for two accesses exactly if a connection made for one serves the other. */
  readonly connectionKey: string;
}

/** Where a member's access comes from, kept up to date as files rotate and credentials expire. */
export interface AccessSource {
  /** The access last known; undefined before the first success. */
  readonly last: Access | undefined;
  /** @throws Error that says which credential could not be had, and why */
  current(): Promise<Access>;
  /** Reads everything anew after a refusal; undefined when there is nothing newer than `refused`. */
  renew(refused: Access): Promise<Access | undefined>;
}
