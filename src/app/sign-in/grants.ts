import { createHash } from 'node:crypto'
import type { Config } from '../../core/config.ts'
import type { Role } from '../../core/roles.ts'
import type { Grant, KnownPerson } from '../../core/sign-in.ts'
import { canonical } from '../config/shared.ts'
import { demoGrants } from './demo.ts'

/** Providers that are none: the demo region's buttons, and administrators with a password. */
export const DEMO = 'demo'
/** Administrators for emergencies. */
export const LOCAL = 'local'
/** Before the id of an establishment: its patient record launched the console. */
const LAUNCH = 'launch:'

/** Somebody who has shown who they are, as their session keeps it. */
export interface Identity {
  /** Name written beside each act. */
  readonly who: string
  /** Id of a provider, `demo`, `local`, or `launch:` and an establishment. */
  readonly provider: string
  /** Whose sessions these are: a hash of provider and subject. */
  readonly person: string
  /** National identifier (IdNPS) that the provider vouches for; null: none. */
  readonly identifier: string | null
  /** Hashes of the entries of the configuration that let them in. */
  readonly entries: readonly string[]
}

/** The provider of launches from an establishment's patient record. */
export function launchBy(establishment: string): string {
  return LAUNCH + establishment
}

/** The establishment whose launch made sessions of this provider; null: none did. */
export function launcherOf(provider: string): string | null {
  return provider.startsWith(LAUNCH) ? provider.slice(LAUNCH.length) : null
}

/** A hash under which something is compared and not read. */
export function hashed(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

const entriesOf = new WeakMap<KnownPerson, string>()

/** What an entry of `signIn.people` says of who is meant, as a hash: another provider, subject or claim makes another. */
export function entryOf(person: KnownPerson): string {
  let hash = entriesOf.get(person)
  if (hash === undefined) {
    const { provider, subject, match } = person
    hash = hashed(provider, canonical({ subject, match }))
    entriesOf.set(person, hash)
  }
  return hash
}

/** Roles that an establishment can vouch for: those with some permission for the whole region are none of its business. */
const LAUNCHED: readonly Role[] = ['requester', 'expert', 'secretariat', 'establishment-it']

/** The roles that somebody may take by the configuration now, in its order; empty: none any more. Pure. */
export function grantsOf(
  { provider, entries, who }: Omit<Identity, 'person' | 'identifier'>,
  config: Config,
): readonly Grant[] {
  const { signIn } = config
  if (signIn === undefined) return []
  if (provider === DEMO) return signIn.demo ? demoGrants(who, config) : []
  if (provider === LOCAL) {
    const known = signIn.localAdministrators.some(({ name, password }) => entries.includes(hashed(name, password)))
    return known ? [{ role: 'admin', reach: { establishments: [], applications: null }, content: false }] : []
  }
  const found = signIn.people.filter((one) => entries.includes(entryOf(one))).flatMap(({ grants }) => grants)
  const launcher = launcherOf(provider)
  const all = launcher === null ? found : launched(found, launcher)
  return [...new Map(all.map((one) => [grantText(one), one])).values()]
}

/** A grant as text: equal text is an equal grant. */
export function grantText({ role, reach, content }: Grant): string {
  return canonical({ role, reach, content })
}

/** The grants that reach an establishment, for it alone; units, where they bind to some, stay. Pure. */
export function launched(grants: readonly Grant[], establishment: string): readonly Grant[] {
  return grants
    .filter(({ role, reach }) => LAUNCHED.includes(role) && reach.establishments?.includes(establishment))
    .map((one) => ({ ...one, reach: { ...one.reach, establishments: [establishment] } }))
}
