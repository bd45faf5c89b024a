import type { Config } from '../../core/config.ts'
import { codeOf, GatewayError } from '../../core/errors.ts'
import type { Adoption, Journal, StoredRevision } from '../../core/journal.ts'
import type { Clock, Log } from '../../core/ports.ts'
import { pemCertificates, readRevocationLists } from '../../formats/x509/revocation-list.ts'
import { compileConfig, type ReadMaterial, type SharedJson } from '../config/index.ts'
import { usableFiles } from './usable-files.ts'

/** Whoever must act when the configuration changes: the destinations. */
export interface Followers {
  /** Before the change is kept: ends what `after` no longer has. */
  leave(after: Config): Promise<void>
  /** After it: takes over what runs now. */
  follow(): Promise<void>
}

/** How long a message that another revision was routed for waits until this node runs it too (ms). */
const FOLLOW_MS = 5_000
/** Between two tries to take over a revision that could not be (ms). */
const AGAIN_MS = 10_000

/** What the running configuration is kept with. */
export interface RunningParts {
  readonly journal: Pick<Journal, 'adopt' | 'revision'>
  readonly read: ReadMaterial
  readonly clock: Clock
  readonly log: Log
}

/** The running configuration: one value, replaced as a whole. Rooms ask for it each time and keep no copy. */
export class RunningConfig {
  readonly #journal: RunningParts['journal']
  readonly #clock: Clock
  readonly #log: Log
  readonly #waiting = new Set<() => void>()
  #followers: Followers | null = null
  #json: SharedJson
  #config: Config
  #read: ReadMaterial
  #behind: number | null = null
  #cancelAgain: (() => void) | null = null

  /** The configuration of a revision that the store already runs. @throws {GatewayError} CONFIG_INVALID */
  constructor(stored: StoredRevision, { journal, read, clock, log }: RunningParts) {
    this.#journal = journal
    this.#clock = clock
    this.#log = log
    this.#json = stored.json
    this.#read = read
    this.#config = compileConfig(stored.json, stored.revision, read)
  }

  /** The configuration now. */
  readonly now = (): Config => this.#config

  /** A newer revision of the store, made by another node, that this one could not take over; null: there is none. */
  get behind(): number | null {
    return this.#behind
  }

  /** Resolves once another revision than this one runs here, or after 5 s. */
  changed(than: number): Promise<void> {
    if (this.#config.revision !== than) return Promise.resolve()
    return new Promise((resolve) => {
      const done = (): void => {
        cancel()
        this.#waiting.delete(done)
        resolve()
      }
      const cancel = this.#clock.after(FOLLOW_MS, done)
      this.#waiting.add(done)
    })
  }

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
    for (const { id, target } of after.destinations.values()) usableFiles(id, target.tls)
    await this.#followers?.leave(after)
    let stored: StoredRevision
    try {
      stored = await this.#journal.adopt(by, atMs, json, also)
    } catch (fault) {
      this.#follow()
      throw fault
    }
    // Another node may have been quicker still, and its change is here already.
    if (stored.revision >= this.#config.revision) this.#take({ ...after, revision: stored.revision }, json)
    this.#log.info('config.adopted', { revision: stored.revision })
    this.#follow()
    return stored
  }

  /**
   * Takes over the revision that another node made the running one. When it does not compile here (a certificate file is
   * missing) the old one goes on, `behind` tells so, and it is tried again every 10 s. Never throws. */
  follow(): void {
    this.#cancelAgain?.()
    const stored = this.#journal.revision()
    if (stored === null || stored.revision <= this.#config.revision) return
    try {
      const after = compileConfig(stored.json, stored.revision, this.#read)
      for (const { id, target } of after.destinations.values()) usableFiles(id, target.tls)
      this.#take(after, stored.json)
      this.#log.info('config.followed', { revision: stored.revision })
      this.#follow()
    } catch (fault) {
      if (this.#behind !== stored.revision) {
        this.#log.error('config.follow', { revision: stored.revision, code: codeOf(fault) }, fault)
      }
      this.#behind = stored.revision
      this.#cancelAgain = this.#clock.after(AGAIN_MS, () => this.follow())
    }
  }

  /** Tries nothing more. */
  stop(): void {
    this.#cancelAgain?.()
  }

  /** Reads certificates and keys anew; same revision, same settings. True when one changed. @throws {GatewayError} CONFIG_INVALID */
  renew(read: ReadMaterial = this.#read): boolean {
    const renewed = compileConfig(this.#json, this.#config.revision, read)
    this.#read = read
    if (this.#behind !== null) {
      this.follow()
      if (this.#behind === null) return true
    }
    const changed = [...renewed.destinations.values()].filter(
      ({ id, target }) => JSON.stringify(target) !== JSON.stringify(this.#config.destinations.get(id)?.target),
    )
    const secrets = JSON.stringify(renewed.signIn) !== JSON.stringify(this.#config.signIn)
    const mail = textOf(renewed.mail) !== textOf(this.#config.mail)
    if (changed.length === 0 && !secrets && !mail) return false
    for (const { id, target } of changed) usableFiles(id, target.tls)
    if (mail) usableMail(renewed.mail)
    this.#config = renewed
    this.#log.info('config.certificates', { count: changed.length, revision: renewed.revision })
    this.#follow()
    return true
  }

  #take(after: Config, json: SharedJson): void {
    this.#json = json
    this.#config = after
    if (this.#behind !== null && this.#behind <= after.revision) this.#behind = null
    for (const done of [...this.#waiting]) done()
  }

  /** A destination that changed waits for its attempts to end; whoever asked for the change does not. */
  #follow(): void {
    this.#followers?.follow().catch((fault: unknown) => this.#log.error('config.follow', {}, fault))
  }
}

/** What two settings are compared by, with what stands in their maps. */
function textOf(settings: unknown): string {
  return JSON.stringify(settings ?? null, (_name, value: unknown) => (value instanceof Map ? [...value] : value))
}

/** The same for secure mail. @throws {GatewayError} CONFIG_INVALID */
function usableMail(mail: Config['mail']): void {
  usableFiles('mail', mail?.operator?.tls ?? null)
  for (const [name, { store }] of mail?.operator?.domains ?? []) {
    usableFiles(`mail/${name}`, store.kind === 'maildir' ? null : store.tls)
  }
  try {
    pemCertificates(mail?.whiteList?.ca ?? '')
    for (const text of mail?.whiteList?.crl ?? []) readRevocationLists(text)
  } catch (cause) {
    throw new GatewayError('CONFIG_INVALID', 'a CA or CRL of the white list cannot be used', { cause })
  }
}
