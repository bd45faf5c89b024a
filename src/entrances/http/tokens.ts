import { hkdfSync } from 'node:crypto'
import { jwtVerify, SignJWT } from 'jose'
import type { Caller } from '../../core/caller.ts'
import type { Config } from '../../core/config.ts'
import type { Clock } from '../../core/ports.ts'

/** How long an access token is good for (s). SMART Backend Services asks for 300 at most. */
export const TOKEN_LIFE_S = 300
const ISSUER = 'passerelle'
const AUDIENCE = 'passerelle:fhir'

/** A client of an establishment, as region.yaml declares it under `clients`. */
export interface Client {
  readonly clientId: string
  readonly establishment: string
}

/** Makes and reads access tokens: signed, not stored, so that every node of the region reads those of the others. */
export interface AccessTokens {
  /** A token for this client and scope, good for TOKEN_LIFE_S. */
  issue(client: Client, scope: string): Promise<string>
  /** Whose token it is; null when it is none of ours, is over, or its client is no longer declared. */
  callerOf(token: string, config: Config): Promise<Caller | null>
}

/** Tokens signed (HS256, RFC 7515) with a key derived from the region's secret (HKDF, RFC 5869). */
export function accessTokens(secret: Buffer, clock: Clock): AccessTokens {
  const key = new Uint8Array(hkdfSync('sha256', secret, '', 'passerelle access token', 32))
  return {
    issue({ clientId, establishment }, scope) {
      const nowS = Math.floor(clock.nowMs() / 1_000)
      return new SignJWT({ scope, establishment })
        .setProtectedHeader({ alg: 'HS256' })
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setSubject(clientId)
        .setIssuedAt(nowS)
        .setExpirationTime(nowS + TOKEN_LIFE_S)
        .sign(key)
    },
    async callerOf(token, config) {
      if (token === '') return null
      const expected = {
        algorithms: ['HS256'],
        issuer: ISSUER,
        audience: AUDIENCE,
        requiredClaims: ['exp', 'sub'],
        currentDate: new Date(clock.nowMs()),
      }
      const read = await jwtVerify(token, key, expected).catch(() => null)
      const { sub, scope, establishment } = read?.payload ?? {}
      if (typeof scope !== 'string' || typeof establishment !== 'string') return null
      const declared = config.establishments.get(establishment)?.clients.some(({ clientId }) => clientId === sub)
      return declared === true ? { role: 'establishment', who: `${sub}`, establishment, scope } : null
    },
  }
}
