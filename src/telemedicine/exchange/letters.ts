import { askOf } from '../../core/fhir.ts'
import { letterResource } from '../../formats/case/letter.ts'
import { writtenText } from '../../formats/case/words.ts'
import { writeJson } from '../../formats/fhir/json.ts'
import { alertedCentres } from '../case/climb.ts'
import type { CaseProjection } from '../projection.ts'
import { sendingRows } from '../store/rows.ts'
import { causeOf, type ExchangeParts, isTrial, orderKeysOf, structureOf, takesFhir, wayTo } from './parts.ts'

/** What one side writes to the other goes to the FHIR systems of those who take part, as a Communication; not back to its own. */
export function letterProjection(parts: ExchangeParts): CaseProjection {
  return ({ after, happenings, config, nowMs }) => {
    const all = [...new Set([...after.requests.map(({ site }) => site), ...alertedCentres(after)])]
    const arrivals = happenings.flatMap((happening) => {
      const { act, by } = happening
      if (act.what !== 'write') return []
      const ways = all
        .filter((one) => one !== by.establishment)
        .map((one) => wayTo(one, after, config))
        .filter((one) => one !== null && takesFhir(one))
      const to = [...new Set(ways.map((one) => one!.id))]
      if (to.length === 0) return []
      const sender = by.establishment === null ? null : structureOf(by.establishment, config)
      const id = parts.uuid()
      const letter = { ...happening, act: { ...act, text: writtenText(act, config.region.locale) } }
      return [
        parts.intake(
          {
            id,
            atMs: nowMs,
            kind: 'Communication',
            controlId: id,
            bytes: Buffer.from(writeJson(letterResource(after, letter, sender)), 'utf8'),
            ask: askOf('create', 'Communication'),
            establishment: by.establishment ?? after.site,
            test: isTrial(after),
            cause: causeOf(after),
            patientKeys: parts.patientKeys(after),
            orderKeys: orderKeysOf(after),
            to,
            alertAfterMs: null,
            rows: [],
          },
          config,
        ),
      ]
    })
    return {
      arrivals,
      rows: sendingRows(
        after.id,
        'message',
        arrivals.map(({ id }) => id),
      ),
    }
  }
}
