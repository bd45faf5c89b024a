import { createLocalJWKSet, decodeJwt, errors, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose'
import type { Config } from '../../core/config.ts'
import type { LaunchContext } from '../../core/sign-in.ts'
import type { UseOnce } from '../../entrances/http/assertion.ts'
import { entryOf, hashed, type Identity, launchBy, launched } from './grants.ts'
import { identifierOf } from './people.ts'

/** Longest life of a launch (s), and how far two clocks may be apart (s). */
const LIFE_S = 60
const SKEW_S = 10
const LONGEST = 8_192

/** What judging a launch needs. */
export interface LaunchParts {
  readonly config: () => Config
  readonly useOnce: UseOnce
  readonly nowMs: () => number
}

/** Who is launched and about what, or which rule was broken: a word for log and event, never for the caller. */
export type Launch =
  | { readonly ok: true; readonly identity: Identity; readonly context: LaunchContext }
  | { readonly ok: false; readonly establishment: string | null; readonly why: string }

/**
 * Judges a launch from a patient record: a JWT (RFC 7519) signed in ES256 or RS256 by a key of the establishment that `iss`
 * names (its id, or one of its clients), for `audience`, 60 s long at most, used once, of a `user` to whom the configuration
 * gives a role at that establishment. The session is for that establishment alone. */
export async function judgeLaunch(token: string, audience: string, parts: LaunchParts): Promise<Launch> {
  const no = (why: string, establishment: string | null = null): Launch => ({ ok: false, establishment, why })
  if (token.length > LONGEST) return no('too long')
  const issuer = issuerOf(token)
  const config = parts.config()
  const by = issuer === null ? null : signedBy(issuer, config)
  if (issuer === null || by === null) return no('unknown issuer')
  const { establishment, keys } = by
  const nowMs = parts.nowMs()
  let claims: JWTPayload
  try {
    const expected = {
      algorithms: ['ES256', 'RS256'],
      issuer,
      audience,
      requiredClaims: ['exp', 'iat', 'jti', 'user'],
      clockTolerance: SKEW_S,
      currentDate: new Date(nowMs),
    }
    claims = (await jwtVerify(token, createLocalJWKSet(keys), expected)).payload
  } catch (fault) {
    return no(fault instanceof errors.JOSEError ? fault.code : 'unreadable', establishment)
  }
  const { exp = 0, iat = 0, jti } = claims
  if (exp - iat > LIFE_S || iat > nowMs / 1_000 + SKEW_S) return no('longer than 60 s', establishment)
  if (typeof jti !== 'string' || jti === '' || jti.length > 255) return no('no jti', establishment)
  if (!(await parts.useOnce(hashed('launch', issuer, jti), (exp + SKEW_S) * 1_000))) {
    return no('jti seen before', establishment)
  }
  const context = contextOf(claims, establishment)
  const user = text(claims['user'])
  if (context === null || user === null) return no('malformed claim', establishment)
  const identity = identityOf(user, establishment, config)
  return identity === null ? no('user without a role there', establishment) : { ok: true, identity, context }
}

/** Whom an establishment may launch: people known by their subject, in roles that reach it. Pure. */
export function identityOf(user: string, establishment: string, config: Config): Identity | null {
  const people = (config.signIn?.people ?? []).filter(
    ({ subject, match, grants }) =>
      // Claims of a provider are not known here.
      subject === user && Object.keys(match).length === 0 && launched(grants, establishment).length > 0,
  )
  const [first] = people
  if (first === undefined) return null
  const provider = config.signIn?.providers.find(({ id }) => id === first.provider)
  return {
    who: people.find(({ name }) => name !== null)?.name ?? `(${first.provider} ${user})`,
    provider: launchBy(establishment),
    person: hashed(first.provider, user),
    identifier: provider === undefined ? null : identifierOf(provider, user),
    entries: people.map(entryOf),
  }
}

function issuerOf(token: string): string | null {
  try {
    return decodeJwt(token).iss ?? null
  } catch {
    return null
  }
}

function signedBy(issuer: string, config: Config): { establishment: string; keys: JSONWebKeySet } | null {
  const set = (keys: readonly string[]): JSONWebKeySet => ({ keys: keys.map((key) => JSON.parse(key)) })
  const own = config.establishments.get(issuer)
  if (own?.launch !== undefined) return { establishment: own.id, keys: set(own.launch.keys) }
  for (const { id, clients } of config.establishments.values()) {
    const client = clients.find(({ clientId }) => clientId === issuer)
    if (client !== undefined) return { establishment: id, keys: set(client.jwks) }
  }
  return null
}

/** Null: one of them is no short text. */
function contextOf(claims: JWTPayload, establishment: string): LaunchContext | null {
  const [unit, patient, visit] = ['unit', 'patient', 'visit'].map((name) =>
    claims[name] === undefined ? null : (text(claims[name]) ?? undefined),
  )
  if (unit === undefined || patient === undefined || visit === undefined) return null
  return { establishment, unit, patient, visit }
}

function text(value: unknown): string | null {
  return typeof value === 'string' && /^[^\p{Cc}]{1,255}$/u.test(value) ? value : null
}
