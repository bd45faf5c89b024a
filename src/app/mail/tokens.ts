import { createRemoteJWKSet, type JWTVerifyGetKey, jwtVerify } from 'jose'
import type { Configuration } from 'openid-client'
import { isLoopback } from '../../core/address.ts'
import type { MailTokens } from '../../core/mail.ts'

/** How long what a provider said of itself counts (ms), and how long after a failure it is not asked again. */
const KNOWN_MS = 3_600_000
const AGAIN_MS = 10_000
const TIMEOUT_S = 10
/** Clocks may differ by so much (s). */
const TOLERANCE_S = 30

interface Known {
  readonly atMs: number
  readonly configuration: Promise<Configuration>
  readonly keys: Promise<JWTVerifyGetKey>
}

/**
 * Says whose an access token is: the value of the provider's claim, out of a token whose signature, issuer, audience and
 * times are good (RFC 9068, as far as the provider goes), or out of its userinfo endpoint. Null: nobody's. The token is
 * kept nowhere. */
export class TokenOwners {
  readonly #known = new Map<string, Known>()
  readonly #nowMs: () => number

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  async ownerOf(token: string, providers: readonly MailTokens[]): Promise<string | null> {
    for (const provider of providers) {
      const owner = await this.#ask(token, provider).catch(() => null)
      if (owner !== null) return owner
    }
    return null
  }

  async #ask(token: string, provider: MailTokens): Promise<string | null> {
    const { configuration, keys } = this.#about(provider.issuer)
    const claims = provider.userinfo
      ? await userInfo(await configuration, token)
      : (
          await jwtVerify(token, await keys, {
            issuer: provider.issuer,
            clockTolerance: TOLERANCE_S,
            algorithms: SIGNED,
          })
        ).payload
    if (!provider.userinfo && !meant(claims, provider.audience)) return null
    const owner = claims[provider.claim]
    return typeof owner === 'string' && owner !== '' ? owner : null
  }

  #about(issuer: string): Known {
    const known = this.#known.get(issuer)
    const nowMs = this.#nowMs()
    if (known !== undefined && nowMs - known.atMs < KNOWN_MS) return known
    const url = new URL(issuer)
    const configuration = discovered(url)
    const keys = configuration.then((found) => {
      const uri = found.serverMetadata().jwks_uri
      if (uri === undefined) throw new RangeError('the provider names no keys')
      return createRemoteJWKSet(new URL(uri), { timeoutDuration: TIMEOUT_S * 1000 }) as JWTVerifyGetKey
    })
    const about = { atMs: nowMs, configuration, keys }
    this.#known.set(issuer, about)
    keys.catch(() => {
      if (this.#known.get(issuer) === about) this.#known.set(issuer, { ...about, atMs: nowMs - KNOWN_MS + AGAIN_MS })
    })
    return about
  }
}

/** What a provider says of itself. No client is needed there: nothing is asked of it but its keys, or whose a token is. */
async function discovered(url: URL): Promise<Configuration> {
  // Loaded with the first token: most gateways take no mail.
  const { allowInsecureRequests, discovery } = await import('openid-client')
  const execute = isLoopback(url.hostname) ? { execute: [allowInsecureRequests] } : {}
  return discovery(url, 'passerelle', undefined, undefined, { timeout: TIMEOUT_S, ...execute })
}

async function userInfo(configuration: Configuration, token: string): Promise<Readonly<Record<string, unknown>>> {
  const client = await import('openid-client')
  return client.fetchUserInfo(configuration, token, client.skipSubjectCheck)
}

/** Algorithms of signatures; `none` and shared secrets are none of them. */
const SIGNED = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']

function meant(claims: Readonly<Record<string, unknown>>, audience: string | null): boolean {
  if (audience === null) return true
  const { aud, azp } = claims
  return aud === audience || azp === audience || (Array.isArray(aud) && aud.includes(audience))
}
