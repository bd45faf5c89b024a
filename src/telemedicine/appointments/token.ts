import { createHmac, createPrivateKey, createPublicKey, hkdfSync, type KeyObject } from 'node:crypto'
import { jwtVerify, SignJWT } from 'jose'
import { SESSION_ROLES, type SessionRole, type SessionToken } from '../../core/appointments.ts'

/** PKCS #8 of an Ed25519 key, before its 32 bytes (RFC 8410 §7). */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex')
const ISSUER = 'passerelle'
const AUDIENCE = 'session'
const ALGORITHM = 'EdDSA'

interface Keys {
  readonly sign: KeyObject
  readonly check: KeyObject
  readonly name: string
  readonly person: Buffer
}

const known = new WeakMap<Uint8Array, Keys>()

/** The keys of sessions, the same on every node: derived from the region's secret by HKDF (RFC 5869). */
function keysOf(secret: Uint8Array): Keys {
  const before = known.get(secret)
  if (before !== undefined) return before
  const derived = (info: string): Buffer => Buffer.from(hkdfSync('sha256', secret, 'passerelle', info, 32))
  const sign = createPrivateKey({
    key: Buffer.concat([PKCS8_HEAD, derived('session token')]),
    format: 'der',
    type: 'pkcs8',
  })
  const check = createPublicKey(sign)
  const name = createHmac('sha256', 'session key')
    .update(check.export({ format: 'der', type: 'spki' }))
    .digest('base64url')
    .slice(0, 16)
  const keys: Keys = { sign, check, name, person: derived('session person') }
  known.set(secret, keys)
  return keys
}

/** The public keys as a JWK set (RFC 7517; RFC 8037 for Ed25519). */
export async function publicKeys(
  secret: Uint8Array,
): Promise<{ readonly keys: readonly Readonly<Record<string, unknown>>[] }> {
  const { check, name } = keysOf(secret)
  return { keys: [{ ...check.export({ format: 'jwk' }), kid: name, alg: ALGORITHM, use: 'sig' }] }
}

/** What a person is called in tokens of one appointment: it cannot be read back, nor compared between appointments. */
export function personOf(secret: Uint8Array, appointment: string, person: string): string {
  return createHmac('sha256', keysOf(secret).person).update(`${appointment}|${person}`).digest('base64url').slice(0, 22)
}

/** A token of a session (RFC 7519), good from now until it expires. */
export async function signedToken(secret: Uint8Array, token: SessionToken, nowMs: number, id: string): Promise<string> {
  const { sign, name } = keysOf(secret)
  return new SignJWT({ case: token.case, appointment: token.appointment, role: token.role })
    .setProtectedHeader({ alg: ALGORITHM, kid: name, typ: 'JWT' })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setSubject(token.person)
    .setJti(id)
    .setIssuedAt(Math.floor(nowMs / 1_000))
    .setNotBefore(Math.floor(nowMs / 1_000))
    .setExpirationTime(Math.floor(token.expiresAtMs / 1_000))
    .sign(sign)
}

/** What a token says; null: not ours, changed, for something else, or not good at this time. */
export async function readToken(secret: Uint8Array, text: string, nowMs: number): Promise<SessionToken | null> {
  try {
    const { payload } = await jwtVerify(text, keysOf(secret).check, {
      issuer: ISSUER,
      audience: AUDIENCE,
      algorithms: [ALGORITHM],
      currentDate: new Date(nowMs),
      requiredClaims: ['exp', 'nbf', 'sub'],
    })
    const { case: care, appointment, role, sub, exp } = payload
    if (typeof care !== 'string' || typeof appointment !== 'string' || typeof sub !== 'string') return null
    if (!(SESSION_ROLES as readonly unknown[]).includes(role) || exp === undefined) return null
    return { appointment, case: care, role: role as SessionRole, person: sub, expiresAtMs: exp * 1_000 }
  } catch {
    return null
  }
}
