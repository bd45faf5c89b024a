import type { CaseViews } from '../../core/cases.ts'
import type { Config } from '../../core/config.ts'
import type { HeldIdentities, HeldIdentity, ImagePatient } from '../../core/images.ts'
import type { Journal } from '../../core/journal.ts'
import { issuersOf } from './domain.ts'
import { traitsOf } from './gate.ts'

/** Identities of one case that are shown, at most. */
const MOST = 20

/** Reads identities that are not proved, compared with the patient as the case has them now. */
export function heldIdentities(parts: {
  readonly journal: Pick<Journal, 'look'>
  readonly views: Pick<CaseViews, 'one'>
  readonly config: () => Config
}): HeldIdentities {
  const { journal, views, config } = parts
  return {
    async of(careCase, caller): Promise<readonly HeldIdentity[]> {
      const line = await views.one(careCase, caller)
      if (line === null || line.extent === 'appointment') return []
      const rows = await journal.look<{ uid: string; site: string; told: string; confirmed_at_ms: number | null }>({
        sql: `SELECT s.uid, s.site, i.told, i.confirmed_at_ms FROM image_study s JOIN image_identity i ON i.study = s.id
          WHERE s.care_case = ? AND i.result <> 'ok' AND i.told IS NOT NULL ORDER BY i.judged_at_ms, i.identity LIMIT ${MOST}`,
        parameters: [careCase],
      })
      const issuers = issuersOf(config())
      return rows.map(({ uid, site, told, confirmed_at_ms }) => {
        const image = JSON.parse(told) as ImagePatient
        const traits = traitsOf(image, { patient: line.case.patient, site, issuers })
        return { uid, image, traits, confirmed: confirmed_at_ms !== null }
      })
    },
  }
}
