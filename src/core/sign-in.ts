/** Who may sign in, by what, and what each person was given: as region.yaml says it, resolved. Durations ms. */
import type { Caller, Reach } from './caller.ts'
import type { JsonWebKeyText } from './config.ts'
import type { Role } from './roles.ts'

/** One role that a person may take, with its reach. */
export interface Grant {
  readonly role: Role
  readonly reach: Reach
  /** May reveal content with a reason, though the role alone may not. */
  readonly content: boolean
}

/** An identity provider (OpenID Connect), beside others. */
export interface Provider {
  readonly id: string
  /** Name for people, on the button. */
  readonly name: string
  readonly issuer: string
  readonly clientId: string
  /** Null: a public client, by PKCE alone. */
  readonly clientSecret: string | null
  /** How the secret is shown at the token endpoint. */
  readonly clientAuthentication: 'basic' | 'post'
  readonly scopes: readonly string[]
  /** Assurance asked for (`acr_values`), best first; what comes back must be one of them. Empty: none is asked for. */
  readonly acrValues: readonly string[]
  /** Algorithms in which its id_tokens may be signed. */
  readonly signatures: readonly string[]
  /** The claim that names a person, and those that make the name shown. */
  readonly claims: { readonly subject: string; readonly name: readonly string[] }
  /** Claims are read from the userinfo endpoint as well as from the id_token. */
  readonly userinfo: boolean
}

/** A person who may sign in. */
export interface KnownPerson {
  /** Null: named by the provider's claims. */
  readonly name: string | null
  readonly provider: string
  /** Value of the claim that names the person; null: found by `match` alone. */
  readonly subject: string | null
  /** Claims and the value that each must have, or hold among others. */
  readonly match: Readonly<Record<string, string>>
  readonly grants: readonly Grant[]
}

/** An administrator for when no provider answers. */
export interface LocalAdministrator {
  readonly name: string
  /** `scrypt$N$r$p$salt$hash`, base64url. */
  readonly password: string
  /** Secret of the one-time codes, base32. */
  readonly totp: string
}

/** What of sign-in region.yaml says. */
export interface SignIn {
  /** One click per role, on this machine only: for an invented region. */
  readonly demo: boolean
  readonly providers: readonly Provider[]
  readonly people: readonly KnownPerson[]
  readonly localAdministrators: readonly LocalAdministrator[]
  readonly limits: {
    /** A session that is not used ends. */
    readonly idleMs: number
    /** A session ends, used or not. */
    readonly absoluteMs: number
    /** Failures to sign in, per address and per account, in a minute. */
    readonly attemptsPerMinute: number
  }
}

/** Public keys with which an establishment signs launches from its patient record, JWK. */
export interface LaunchKeys {
  readonly keys: readonly JsonWebKeyText[]
}

/** What a launch from a patient record was about; kept with the session, for the pages that open on it. */
export interface LaunchContext {
  readonly establishment: string
  readonly unit: string | null
  readonly patient: string | null
  readonly visit: string | null
}

/**
 * Gives who a session is, from what its cookie holds; null: none, over, or its role is no longer granted. `used`: a person is
 * there; what a page asks by itself keeps no session alive. */
export type SessionOf = (cookie: string, used: boolean) => Promise<Caller | null>
