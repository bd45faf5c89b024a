import { createSecureContext } from 'node:tls'
import type { Config, TlsFiles } from '../../core/config.ts'
import { GatewayError } from '../../core/errors.ts'
import type { Adoption, Journal, StoredRevision } from '../../core/journal.ts'
import type { Log } from '../../core/ports.ts'
import { compileConfig, type ReadMaterial, type SharedJson } from '../config/index.ts'

/** Whoever must act when the configuration changes: the destinations. */
export interface Followers {
  /** Before the change is kept: ends what `after` no longer has. */
  leave(after: Config): Promise<void>
  /** After it: takes over what runs now. */
  follow(): Promise<void>
}

/** The running configuration: one value, replaced as a whole. Rooms ask for it each time and keep no copy. */
export class RunningConfig {
  readonly #journal: Pick<Journal, 'adopt'>
  readonly #log: Log
  #followers: Followers | null = null
  #json: SharedJson
  #config: Config
  #read: ReadMaterial

  /** The configuration of a revision that the store already runs. @throws {GatewayError} CONFIG_INVALID */
  constructor(journal: Pick<Journal, 'adopt'>, stored: StoredRevision, read: ReadMaterial, log: Log) {
    this.#journal = journal
    this.#log = log
    this.#json = stored.json
    this.#read = read
    this.#config = compileConfig(stored.json, stored.revision, read)
  }

  /** The configuration now. */
  readonly now = (): Config => this.#config

  /** From now on changes are told to these. */
  tell(followers: Followers): void {
    this.#followers = followers
  }

  /**
   * Makes a configuration the running one: in the store first, then here. What is committed meanwhile names its revision
   * and is routed again when it is the old one.
   * @throws {GatewayError} CONFIG_INVALID, or what the store throws; then the old one goes on */
  async adopt(json: SharedJson, by: string, atMs: number, also: Adoption): Promise<StoredRevision> {
    const after = compileConfig(json, this.#config.revision + 1, this.#read)
    for (const { target } of after.destinations.values()) usable(target.tls)
    await this.#followers?.leave(after)
    let stored: StoredRevision
    try {
      stored = await this.#journal.adopt(by, atMs, json, also)
    } catch (fault) {
      this.#follow()
      throw fault
    }
    this.#json = json
    this.#config = { ...after, revision: stored.revision }
    this.#log.info('config.adopted', { revision: stored.revision })
    this.#follow()
    return stored
  }

  /** Reads certificates and keys anew; same revision, same settings. True when one changed. @throws {GatewayError} CONFIG_INVALID */
  renew(read: ReadMaterial = this.#read): boolean {
    const renewed = compileConfig(this.#json, this.#config.revision, read)
    this.#read = read
    const changed = [...renewed.destinations.values()].filter(
      ({ id, target }) => JSON.stringify(target) !== JSON.stringify(this.#config.destinations.get(id)?.target),
    )
    if (changed.length === 0) return false
    for (const { target } of changed) usable(target.tls)
    this.#config = renewed
    this.#log.info('config.certificates', { count: changed.length, revision: renewed.revision })
    this.#follow()
    return true
  }

  /** A destination that changed waits for its attempts to end; whoever asked for the change does not. */
  #follow(): void {
    this.#followers?.follow().catch((fault: unknown) => this.#log.error('config.follow', {}, fault))
  }
}

/** Half-written files are found before anything leans on them. @throws {GatewayError} CONFIG_INVALID */
function usable(tls: TlsFiles | null): void {
  if (tls === null) return
  try {
    createSecureContext({
      key: tls.key,
      cert: tls.cert,
      ca: tls.ca,
      crl: tls.crl.length > 0 ? [...tls.crl] : undefined,
    })
  } catch (cause) {
    throw new GatewayError('CONFIG_INVALID', 'a key, certificate, CA or CRL of a destination cannot be used', { cause })
  }
}
