import type { Config } from '../../core/config.ts'
import type { KnownPerson, Provider } from '../../core/sign-in.ts'
import { idNpsOf } from '../../formats/identifiers/professional.ts'
import { entryOf, hashed, type Identity } from './grants.ts'
import type { Claims } from './provider.ts'

/** Longest name shown that a provider may give. */
const NAME_LENGTH = 120

/** Somebody a provider has spoken of: who it is, and what of the configuration lets them in (none: nobody known). */
export interface Recognised {
  readonly identity: Identity
  /** What names them at the provider, to be told to an administrator; null: the claim is not there. */
  readonly subject: string | null
}

/** Finds somebody by what their provider says of them. Pure. */
export function recognised(provider: Provider, claims: Claims, config: Config): Recognised {
  const subject = subjectOf(provider, claims)
  const people = (config.signIn?.people ?? []).filter((one) => one.provider === provider.id)
  const found = people.filter((one) => isMeant(one, subject, claims))
  const named = found.find(({ name, subject: own }) => name !== null && own !== null)?.name
  const id = subject ?? text(claims['sub']) ?? ''
  return {
    subject,
    identity: {
      who: named ?? `${nameOf(provider, claims)} (${provider.id} ${id})`.trim(),
      provider: provider.id,
      person: hashed(provider.id, id),
      identifier: identifierOf(provider, subject),
      entries: found.map(entryOf),
    },
  }
}

/** Claims that name an account and never a professional, whatever their value looks like. */
const ACCOUNTS = ['sub', 'email', 'preferred_username', 'upn']

/** The national identifier (IdNPS) that a provider's claim of people is; null: it is none. Pure. */
export function identifierOf({ claims }: Pick<Provider, 'claims'>, subject: string | null): string | null {
  return subject === null || ACCOUNTS.includes(claims.subject) ? null : (idNpsOf(subject)?.idNps ?? null)
}

/** The claim that names people; an address counts only when the provider has verified it. */
function subjectOf({ claims: { subject: claim } }: Provider, claims: Claims): string | null {
  if (claim === 'email' && claims['email_verified'] !== true) return null
  return text(claims[claim])
}

function isMeant({ subject, match }: KnownPerson, shown: string | null, claims: Claims): boolean {
  if (subject !== null && subject !== shown) return false
  const wanted = Object.entries(match)
  if (subject === null && wanted.length === 0) return false
  return wanted.every(([claim, value]) => {
    if (claim === 'email' && claims['email_verified'] !== true) return false
    const told = claims[claim]
    return (Array.isArray(told) ? told : [told]).some((one) => text(one) === value)
  })
}

function nameOf({ claims: { name } }: Provider, claims: Claims): string {
  const parts = name.flatMap((claim) => text(claims[claim]) ?? [])
  return parts.join(' ').slice(0, NAME_LENGTH)
}

/** Text without what could turn a line or its direction; null: it is none. */
function text(value: unknown): string | null {
  if (typeof value !== 'string' && typeof value !== 'number') return null
  const plain = String(value).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '')
  return plain === '' || plain.length > 255 ? null : plain
}
