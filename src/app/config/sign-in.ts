import type { Grant, KnownPerson, SignIn } from '../../core/sign-in.ts'
import { durationMs } from '../../core/units.ts'
import type { Reference } from './material.ts'
import { canonical } from './shared.ts'
import type { WrittenGrant, WrittenPerson, WrittenSignIn } from './written.ts'

/** A list that is absent is empty: who is bound to establishments and was given none sees none. */
export function grantOf({ role, establishments = [], applications = [], units, content = false }: WrittenGrant): Grant {
  const reach = { establishments, applications: role === 'editor' ? applications : null }
  return { role, reach: units === undefined ? reach : { ...reach, units }, content }
}

/** How a person of the file is named in plans: unlike any other. */
export function personName({ name, provider, subject, match }: WrittenPerson): string {
  return name ?? `${provider} ${subject ?? canonical(match ?? {})}`
}

/** Sign-in of a revision. `text` reads secrets. @throws what `text` throws */
export function signInOf(written: WrittenSignIn, text: (reference: Reference) => string): SignIn {
  const { demo, limits } = written
  return {
    demo,
    providers: written.providers.map(({ clientSecret, ...one }) => ({
      ...one,
      scopes: one.scopes.includes('openid') ? one.scopes : ['openid', ...one.scopes],
      clientSecret: clientSecret === undefined ? null : text(clientSecret).trim(),
    })),
    people: written.people.map(person),
    localAdministrators: written.localAdministrators.map(({ name, password, totp }) => ({
      name,
      password: typeof password === 'string' ? password : text(password).trim(),
      totp: text(totp).trim(),
    })),
    limits: {
      idleMs: durationMs(limits.idle),
      absoluteMs: durationMs(limits.absolute),
      attemptsPerMinute: limits.attempts,
    },
  }
}

function person({ name, provider, subject, match, grants }: WrittenPerson): KnownPerson {
  return { name: name ?? null, provider, subject: subject ?? null, match: match ?? {}, grants: grants.map(grantOf) }
}
