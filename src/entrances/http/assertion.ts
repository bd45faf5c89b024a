import { createHash } from 'node:crypto'
import { createLocalJWKSet, decodeJwt, errors, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose'
import type { Config } from '../../core/config.ts'
import type { Client } from './tokens.ts'

/** Longest life of an assertion from now on (s), and how far two clocks may be apart (s). */
const MAX_LIFE_S = 300
const SKEW_S = 10
const MAX_LENGTH = 8_192

/**
 * Notes that a one-time name was used, durably, until `expiresAtMs`. False: it had been used already.
 * @throws {GatewayError} when the store cannot keep it */
export type UseOnce = (name: string, expiresAtMs: number) => Promise<boolean>

/** What judging an assertion needs. */
export interface AssertionParts {
  readonly config: () => Config
  readonly useOnce: UseOnce
  readonly nowMs: () => number
}

/** Whose assertion it is, or which rule it broke: a word for the log, never for the caller. */
export type Asserted = { readonly ok: true; readonly client: Client } | { readonly ok: false; readonly why: string }

const no = (why: string): Asserted => ({ ok: false, why })

/**
 * Judges a client assertion (SMART Backend Services, RFC 7523 §3): RS384 or ES384 by a key declared for the client and
 * named by `kid`, `iss` = `sub` = the client, `aud` = the token address, `exp` at most 5 min ahead, `jti` never seen. */
export async function judgeAssertion(assertion: string, audience: string, parts: AssertionParts): Promise<Asserted> {
  if (assertion.length > MAX_LENGTH) return no('too long')
  const claimed = claimsOf(assertion)?.iss
  const found = claimed === undefined ? null : declared(claimed, parts.config())
  if (found === null) return no('unknown client')
  const nowMs = parts.nowMs()
  let claims: JWTPayload
  try {
    const verified = await jwtVerify(assertion, createLocalJWKSet(found.keys), {
      algorithms: ['RS384', 'ES384'],
      issuer: found.client.clientId,
      subject: found.client.clientId,
      audience,
      requiredClaims: ['exp', 'jti'],
      clockTolerance: SKEW_S,
      currentDate: new Date(nowMs),
    })
    if (typeof verified.protectedHeader.kid !== 'string') return no('no kid')
    claims = verified.payload
  } catch (fault) {
    return no(fault instanceof errors.JOSEError ? fault.code : 'unreadable')
  }
  const { exp = 0, jti } = claims
  if (exp > nowMs / 1_000 + MAX_LIFE_S + SKEW_S) return no('exp too far ahead')
  if (typeof jti !== 'string' || jti === '' || jti.length > 255) return no('no jti')
  const name = createHash('sha256').update(`${found.client.clientId}\n${jti}`).digest('hex')
  return (await parts.useOnce(name, (exp + SKEW_S) * 1_000))
    ? { ok: true, client: found.client }
    : no('jti seen before')
}

function claimsOf(assertion: string): JWTPayload | null {
  try {
    return decodeJwt(assertion)
  } catch {
    return null
  }
}

function declared(clientId: string, config: Config): { client: Client; keys: JSONWebKeySet } | null {
  for (const { id, clients } of config.establishments.values()) {
    const client = clients.find((one) => one.clientId === clientId)
    if (client === undefined) continue
    const keys = { keys: client.jwks.map((text) => JSON.parse(text)) }
    return { client: { clientId, establishment: id }, keys }
  }
  return null
}
