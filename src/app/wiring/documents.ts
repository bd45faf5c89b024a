import type { Config } from '../../core/config.ts'
import { GatewayError } from '../../core/errors.ts'
import type { Follower } from '../../core/follower.ts'
import type { Journal } from '../../core/journal.ts'
import type { TrustSpace } from '../../core/mail.ts'
import type { Clock, Ids, Log, Meter } from '../../core/ports.ts'
import type { DocumentSettings } from '../../formats/documents/settings.ts'
import { documentsByMail } from '../../mssante/documents/follow.ts'
import { keysOf, newDelivery } from '../../pipeline/intake.ts'
import { ownMail } from '../../pipeline/mail/own.ts'
import { DOCUMENT_WAY, ownIntake } from '../../pipeline/own-message.ts'
import { contextOf } from '../../pipeline/transform.ts'
import { shippedProfiles } from '../config/index.ts'
import { documentSettings } from '../mail/documents.ts'

/** What documents by mail are run with. */
export interface DocumentSources {
  readonly journal: Journal
  readonly config: () => Config
  readonly trust: TrustSpace
  /** Folders of profiles, the region's own first; absent: those that are shipped. */
  readonly profiles?: readonly string[]
  readonly version: string
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly meter: Meter
}

/** The follower that sends documents by mail, and hands on those that come by it. */
export function documents(sources: DocumentSources): Follower {
  const { journal, config, trust, clock, ids, log, meter, version, profiles = shippedProfiles() } = sources
  return documentsByMail({
    journal,
    config,
    trust,
    settings: settingsOf(config, profiles),
    producer: { name: 'Passerelle', version, contact: '' },
    mail: (mail) => ownMail(mail, config(), ids),
    message: (made, running) => ownIntake(made, DOCUMENT_WAY, running, ids),
    delivery: (id, destination, nowMs) => ({
      ...newDelivery({ ...DOCUMENT_WAY, destination, alertAfterMs: null }, { config: config(), ids, nowMs }),
      id,
    }),
    context: (destination, key, atMs, test) =>
      contextOf({ config: config(), destination, key, atMs, sender: null }, test),
    keys: (identifiers, establishment) => keysOf(identifiers, establishment, journal.secret),
    clock,
    ids,
    log,
    meter,
  })
}

/** Read again when another revision runs: the patients' domain and the product's name are its own. */
function settingsOf(config: () => Config, profiles: readonly string[]): () => Promise<DocumentSettings> {
  let known: { readonly revision: number; readonly settings: DocumentSettings } | null = null
  return async () => {
    const { revision, mail } = config()
    if (known?.revision === revision) return known.settings
    if (mail?.operator === undefined) throw new GatewayError('CONFIG_INVALID')
    const settings = documentSettings(profiles, mail.operator)
    known = { revision, settings }
    return settings
  }
}
