import { decodeProtectedHeader } from 'jose'
import {
  AuthorizationResponseError,
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  ClientSecretBasic,
  ClientSecretPost,
  type Configuration,
  calculatePKCECodeChallenge,
  clockTolerance,
  discovery,
  enableNonRepudiationChecks,
  fetchUserInfo,
  None,
  ResponseBodyError,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
  WWWAuthenticateChallengeError,
} from 'openid-client'
import { isLoopback } from '../../core/address.ts'
import { type ErrorCode, GatewayError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports.ts'
import type { Provider } from '../../core/sign-in.ts'

/** A provider that does not answer within this time is out (s). */
const TIMEOUT_S = 5
/** What a provider says of itself is asked again after this (ms); while it does not answer, what it said holds. */
const FRESH_MS = 3_600_000
/** How far its clock and ours may be apart (s). */
const SKEW_S = 10

/** What somebody's way to a provider and back is known by: kept by their browser, under our own key. */
export interface Errand {
  readonly provider: string
  readonly state: string
  readonly nonce: string
  readonly verifier: string
  readonly redirectUri: string
  readonly next: string
  readonly untilMs: number
}

/** What a provider said of somebody, verified. */
export type Claims = Readonly<Record<string, unknown>>

/** Providers of the configuration, discovered at first use. */
export class Providers {
  readonly #clock: Pick<Clock, 'monotonicMs'>
  readonly #known = new Map<string, { readonly atMs: number; readonly found: Promise<Configuration> }>()

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock
  }

  /** Where to send somebody who wants to sign in. @throws {GatewayError} PROVIDER_UNREACHABLE, PROVIDER_UNTRUSTED */
  async begin(provider: Provider, errand: Pick<Errand, 'redirectUri' | 'next' | 'untilMs'>) {
    const config = await this.#discovered(provider)
    const verifier = randomPKCECodeVerifier()
    const whole: Errand = {
      ...errand,
      provider: provider.id,
      state: randomState(),
      nonce: randomNonce(),
      verifier,
    }
    const url = buildAuthorizationUrl(config, {
      redirect_uri: errand.redirectUri,
      scope: provider.scopes.join(' '),
      state: whole.state,
      nonce: whole.nonce,
      code_challenge: await calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...(provider.acrValues.length === 0 ? {} : { acr_values: provider.acrValues.join(' ') }),
    })
    return { errand: whole, url: url.href }
  }

  /**
   * What the provider says of whoever came back with `search`: the code is exchanged once, the id_token's signature, issuer,
   * audience, times and nonce hold, and the assurance is one that was asked for. No token is kept.
   * @throws {GatewayError} PROVIDER_REFUSED, PROVIDER_UNREACHABLE, PROVIDER_UNTRUSTED; its message names the rule */
  async finish(provider: Provider, errand: Errand, search: string): Promise<Claims> {
    const config = await this.#discovered(provider)
    try {
      const tokens = await authorizationCodeGrant(config, new URL(errand.redirectUri + search), {
        expectedState: errand.state,
        expectedNonce: errand.nonce,
        pkceCodeVerifier: errand.verifier,
        idTokenExpected: true,
      })
      const told = tokens.claims()
      if (told === undefined || tokens.id_token === undefined) throw untrusted('no id_token')
      const { alg = 'none' } = decodeProtectedHeader(tokens.id_token)
      if (!provider.signatures.includes(alg)) throw untrusted('signature algorithm')
      if (provider.acrValues.length > 0 && !provider.acrValues.includes(`${told.acr}`)) throw untrusted('acr')
      if (!provider.userinfo) return told
      return { ...(await fetchUserInfo(config, tokens.access_token, told.sub)), ...told }
    } catch (fault) {
      throw asOurs(fault)
    }
  }

  async #discovered(provider: Provider): Promise<Configuration> {
    const key = JSON.stringify(provider)
    const known = this.#known.get(key)
    const nowMs = this.#clock.monotonicMs()
    if (known !== undefined && nowMs - known.atMs < FRESH_MS) return known.found
    const found = discovered(provider)
    this.#known.set(key, { atMs: nowMs, found })
    try {
      return await found
    } catch (fault) {
      // Whoever asks next tries again, with what was known before.
      if (known === undefined) this.#known.delete(key)
      else this.#known.set(key, known)
      const ours = asOurs(fault)
      if (known !== undefined && ours.code === 'PROVIDER_UNREACHABLE') return known.found
      throw ours
    }
  }
}

async function discovered(provider: Provider): Promise<Configuration> {
  const { issuer, clientId, clientSecret, clientAuthentication } = provider
  const url = new URL(issuer)
  const secret = clientAuthentication === 'basic' ? ClientSecretBasic : ClientSecretPost
  const authentication = clientSecret === null ? None() : secret(clientSecret)
  const here = url.protocol === 'http:' && isLoopback(url.hostname)
  const metadata = { [clockTolerance]: SKEW_S }
  const config = await discovery(url, clientId, metadata, authentication, {
    timeout: TIMEOUT_S,
    execute: [enableNonRepudiationChecks, ...(here ? [allowInsecureRequests] : [])],
  })
  // One issuer for many tenants would vouch for people of any of them.
  if (new URL(config.serverMetadata().issuer).href !== url.href) throw untrusted('issuer')
  return config
}

function untrusted(rule: string): GatewayError {
  return new GatewayError('PROVIDER_UNTRUSTED', rule)
}

/** A fault of a provider as one of ours, whose message is a word for the log. */
function asOurs(fault: unknown): GatewayError {
  if (fault instanceof GatewayError) return fault
  const { code } = fault as { code?: unknown }
  const made = (ours: ErrorCode, rule: unknown) => new GatewayError(ours, word(rule), { cause: fault })
  if (fault instanceof AuthorizationResponseError || fault instanceof ResponseBodyError) {
    const broken = fault instanceof ResponseBodyError && fault.status >= 500
    return made(broken ? 'PROVIDER_UNREACHABLE' : 'PROVIDER_REFUSED', fault.error)
  }
  if (fault instanceof WWWAuthenticateChallengeError) return made('PROVIDER_REFUSED', 'challenge')
  const out = fault instanceof TypeError || code === 'OAUTH_TIMEOUT' || code === 'OAUTH_RESPONSE_IS_NOT_CONFORM'
  return made(out ? 'PROVIDER_UNREACHABLE' : 'PROVIDER_UNTRUSTED', code ?? (fault as Error).name)
}

function word(text: unknown): string {
  return /^[\w.-]{1,64}$/.test(`${text}`) ? `${text}` : 'unknown'
}
