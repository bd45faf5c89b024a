import type { Config } from '../core/config.ts'
import { frameworkName } from '../core/conformity.ts'
import type { ConformityStatements } from '../core/conformity-asks.ts'
import type { ConformityViews } from '../core/conformity-views.ts'
import type { Journal, NewEvent } from '../core/journal.ts'
import type { Clock } from '../core/ports.ts'
import { type AuditKey, publicPem } from '../formats/audit/head.ts'
import { signStatement } from '../formats/conformity/signed.ts'
import { statementOf } from './statement.ts'

/** What statements are made with. */
export interface StatementParts {
  readonly journal: Pick<Journal, 'apply'>
  readonly views: Pick<ConformityViews, 'establishment' | 'frameworks'>
  readonly config: () => Config
  /** The key of the region, as it signs. */
  readonly key: () => Promise<AuditKey>
  readonly clock: Clock
}

/** Makes signed statements; each is an event of the audit. */
export function conformityStatements({ journal, views, config, key, clock }: StatementParts): ConformityStatements {
  return {
    async make(id, ask, reach, who) {
      // Who is bound to products sees a part of an establishment, and no part is a statement of it.
      if (reach !== null && reach.applications !== null) return null
      const shown = await views.establishment(id, ask, reach)
      const framework = (await views.frameworks()).find((one) => frameworkName(one) === ask.framework)
      if (shown === null || framework === undefined) return null
      const nowMs = clock.nowMs()
      const statement = statementOf(shown, framework, { region: config().region, nowMs })
      const about = { what: 'state-conformity', why: null, detail: `${id} ${ask.framework} ${ask.use}` }
      const event: NewEvent = { ...{ atMs: nowMs, who, ...about }, ...{ code: null, message: null, delivery: null } }
      await journal.apply({ events: [event] })
      return signStatement(statement, await key())
    },
    publicKey: async () => publicPem((await key()).publicKey),
  }
}
