import type { Config } from '../../core/config.ts'
import type { Journal } from '../../core/journal.ts'
import type { Clock, Ids, Log, Meter } from '../../core/ports.ts'
import type { SessionOf } from '../../core/sign-in.ts'
import type { HttpPlugin } from '../../entrances/http/server.ts'
import { useOnce } from '../../pipeline/jti.ts'
import { Attempts } from '../sign-in/attempts.ts'
import { signInPlugin } from '../sign-in/plugin.ts'
import type { Providers } from '../sign-in/provider.ts'
import { Sessions } from '../sign-in/sessions.ts'

/** Sign-in of a node: its sessions, what the doors know them by, and its pages. */
export interface SigningIn {
  readonly sessions: Sessions
  readonly sessionOf: SessionOf
  /** Its pages. */
  readonly signIn: HttpPlugin
}

/** Makes it. */
export function signingIn(parts: {
  readonly journal: Journal
  readonly config: () => Config
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly meter: Meter
  readonly version: string
}): SigningIn {
  const { journal, clock } = parts
  const sessions = new Sessions(parts)
  let providers: Promise<Providers> | null = null
  return {
    sessions,
    sessionOf: (cookie, used) => sessions.callerOf(cookie, used),
    signIn: signInPlugin({
      ...parts,
      sessions,
      providers: () => (providers ??= providersFor(clock)),
      attempts: new Attempts(() => clock.monotonicMs()),
      useOnce: useOnce(journal, clock),
      secret: journal.secret.toString('hex'),
    }),
  }
}

/** The library of OpenID Connect comes with them: a gateway whose people sign in otherwise never loads it. */
async function providersFor(clock: Clock): Promise<Providers> {
  const { Providers } = await import('../sign-in/provider.ts')
  return new Providers(clock)
}
