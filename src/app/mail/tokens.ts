import { createRemoteJWKSet, decodeJwt, errors, jwtVerify } from 'jose'
import type { Configuration } from 'openid-client'
import { isLoopback } from '../../core/address.ts'
import { codeOf, GatewayError } from '../../core/errors.ts'
import type { MailTokens } from '../../core/mail.ts'
import type { Clock, Log } from '../../core/ports.ts'
import type { Condition } from '../../pipeline/watch/conditions.ts'

/** How long what a provider said of itself counts (ms), and how long after a failure it is not asked again. */
const KNOWN_MS = 3_600_000
const AGAIN_MS = 10_000
const TIMEOUT_S = 10
/** Clocks may differ by so much (s). */
const TOLERANCE_S = 30
/** Silences in a row that people are told. */
const TOLD = 2

type Keys = ReturnType<typeof createRemoteJWKSet>

interface Known {
  readonly atMs: number
  readonly configuration: Promise<Configuration>
  readonly keys: Promise<Keys>
}

/** A provider that gave no answer: how often in a row, and what would ask it again. */
interface Silence {
  readonly times: number
  readonly cancel: () => void
}

type Claims = Readonly<Record<string, unknown>>

/** What tokens are looked at with. */
export interface TokenParts {
  readonly providers: () => readonly MailTokens[]
  readonly clock: Clock
  readonly log: Log
}

/**
 * Says whose an access token is: the value of the provider's claim, out of a token whose signature, issuer, audience and
 * times are good (RFC 9068, as far as the provider goes), or out of its userinfo endpoint. Null: nobody's. The token is
 * kept nowhere. A provider that gives no answer is asked again until it does. */
export class TokenOwners {
  readonly #known = new Map<string, Known>()
  readonly #silent = new Map<string, Silence>()
  readonly #parts: TokenParts
  #stopped = false

  constructor(parts: TokenParts) {
    this.#parts = parts
  }

  /** @throws {GatewayError} PROVIDER_UNREACHABLE when it is nobody's and one of them could not be asked */
  async ownerOf(token: string): Promise<string | null> {
    let silent = false
    for (const provider of this.#parts.providers()) {
      try {
        const owner = await this.#ask(token, provider)
        if (owner !== null) return owner
      } catch (fault) {
        if (codeOf(fault) === 'PROVIDER_UNREACHABLE') silent = true
      }
    }
    if (silent) throw new GatewayError('PROVIDER_UNREACHABLE')
    return null
  }

  /** That a provider gives no answer, for whoever should look at it. */
  conditions(): Condition[] {
    const silent = this.#parts.providers().filter((one) => (this.#silent.get(nameOf(one))?.times ?? 0) >= TOLD)
    return [...new Set(silent.map(({ issuer }) => issuer))].map((issuer) => ({
      ...({ kind: 'unreachable', severity: 'urgent', code: 'PROVIDER_UNREACHABLE' } as const),
      ...{ cause: `mail-tokens:${issuer}`, subject: new URL(issuer).host, establishment: null, params: {} },
    }))
  }

  stop(): void {
    this.#stopped = true
    for (const { cancel } of this.#silent.values()) cancel()
  }

  async #ask(token: string, provider: MailTokens): Promise<string | null> {
    if (!provider.userinfo && issuerOf(token) !== provider.issuer) return null
    const claims = provider.userinfo ? await this.#told(token, provider) : await this.#read(token, provider)
    if (claims === null || (!provider.userinfo && !meant(claims, provider.audience))) return null
    const owner = claims[provider.claim]
    return typeof owner === 'string' && owner !== '' ? owner : null
  }

  async #read(token: string, provider: MailTokens): Promise<Claims | null> {
    const { issuer } = provider
    const rules = { issuer, clockTolerance: TOLERANCE_S, algorithms: SIGNED, requiredClaims: ['exp'] }
    const verify = (keys: Keys) => jwtVerify(token, keys, rules)
    const { payload, protectedHeader } = await this.#reached(provider, (known) => known.keys, verify)
    return isAccessToken(protectedHeader.typ) ? payload : null
  }

  #told(token: string, provider: MailTokens): Promise<Claims> {
    const ask = (configuration: Configuration) => userInfo(configuration, token)
    return this.#reached(provider, (known) => known.configuration, ask)
  }

  /** @throws {GatewayError} PROVIDER_UNREACHABLE when it is the provider that fails, else the fault of the token */
  async #reached<K, T>(
    provider: MailTokens,
    known: (about: Known) => Promise<K>,
    work: (known: K) => Promise<T>,
  ): Promise<T> {
    let found: K
    try {
      found = await known(this.#about(provider.issuer))
    } catch (cause) {
      throw this.#missed(provider, cause)
    }
    try {
      const made = await work(found)
      this.#heard(provider)
      return made
    } catch (cause) {
      if (!isOfToken(cause)) throw this.#missed(provider, cause)
      this.#heard(provider)
      throw cause
    }
  }

  #heard(provider: MailTokens): void {
    const silence = this.#silent.get(nameOf(provider))
    if (silence === undefined) return
    silence.cancel()
    this.#silent.delete(nameOf(provider))
    this.#parts.log.info('mail.tokens-answers', { peer: new URL(provider.issuer).host })
  }

  #missed(provider: MailTokens, cause: unknown): GatewayError {
    const { clock, log } = this.#parts
    const name = nameOf(provider)
    const before = this.#silent.get(name)
    before?.cancel()
    const code = 'PROVIDER_UNREACHABLE'
    if (before === undefined)
      log.warn('mail.tokens-silent', { peer: new URL(provider.issuer).host, code, rule: ruleOf(cause) })
    const again = (): void => void this.#again(provider).catch(() => {})
    this.#silent.set(name, {
      times: (before?.times ?? 0) + 1,
      cancel: this.#stopped ? () => {} : clock.after(AGAIN_MS, again),
    })
    return new GatewayError(code, undefined, { cause })
  }

  /** Asks what was asked, with a token that is none: whatever it says of that is an answer. */
  async #again(provider: MailTokens): Promise<unknown> {
    const name = nameOf(provider)
    if (!this.#parts.providers().some((one) => nameOf(one) === name)) return this.#silent.delete(name)
    if (provider.userinfo) return this.#told('none', provider)
    return this.#reached(
      provider,
      (known) => known.keys,
      (keys) => keys.reload(),
    )
  }

  #about(issuer: string): Known {
    const known = this.#known.get(issuer)
    const nowMs = this.#parts.clock.monotonicMs()
    if (known !== undefined && nowMs - known.atMs < KNOWN_MS) return known
    const url = new URL(issuer)
    const configuration = discovered(url)
    const keys = configuration.then((found) => {
      const uri = found.serverMetadata().jwks_uri
      if (uri === undefined) throw new RangeError('the provider names no keys')
      return createRemoteJWKSet(new URL(uri), { timeoutDuration: TIMEOUT_S * 1000 })
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

async function userInfo(configuration: Configuration, token: string): Promise<Claims> {
  const client = await import('openid-client')
  return client.fetchUserInfo(configuration, token, client.skipSubjectCheck)
}

/** Algorithms of signatures; `none` and shared secrets are none of them. */
const SIGNED = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']

function meant(claims: Claims, audience: string | null): boolean {
  if (audience === null) return true
  const { aud, azp } = claims
  return aud === audience || azp === audience || (Array.isArray(aud) && aud.includes(audience))
}

function nameOf({ issuer, userinfo }: MailTokens): string {
  return `${issuer} ${userinfo}`
}

/** A word for the log, which holds nothing of a token. */
function ruleOf(fault: unknown): string {
  const { code, name } = fault as { readonly code?: unknown; readonly name?: unknown }
  return /^[\w.-]{1,64}$/.test(`${code ?? name}`) ? `${code ?? name}` : 'unknown'
}

/** The issuer that a token names; null: it is none that is signed. Nothing of it is trusted yet. */
function issuerOf(token: string): string | null {
  try {
    return decodeJwt(token).iss ?? null
  } catch {
    return null
  }
}

/** `at+jwt` (RFC 9068 §4), or what says nothing else: a token of a logout, say, is none. */
function isAccessToken(typ: string | undefined): boolean {
  return typ === undefined || ['at+jwt', 'jwt'].includes(typ.toLowerCase().replace(/^application\//, ''))
}

/** Is the token to blame, and not the provider, its keys or the way there? */
function isOfToken(fault: unknown): boolean {
  if (fault instanceof errors.JOSEError) return !OF_KEYS.some((kind) => fault.code === kind.code)
  const { status, cause } = fault as { readonly status?: unknown; readonly cause?: unknown }
  const said = cause instanceof Response ? cause.status : status
  return said === 400 || said === 401 || said === 403
}

/** Faults of jose that its keys, or who hands them out, are to blame for; the first is any other answer than they. */
const OF_KEYS = [errors.JOSEError, errors.JWKSTimeout, errors.JWKSInvalid, errors.JWKInvalid]
