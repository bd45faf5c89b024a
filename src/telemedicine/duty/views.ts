import { type Reach, reaches } from '../../core/caller.ts'
import type { Config } from '../../core/config.ts'
import {
  COORDINATION,
  type DutyNotice,
  type DutyViews,
  emptyHours,
  type OpenCase,
  type RotaName,
  rotasOf,
  seesRota,
} from '../../core/duty.ts'
import { GatewayError } from '../../core/errors.ts'
import type { Journal } from '../../core/journal.ts'
import { dutiesAt, dutiesIn, dutyById } from './rows.ts'

/** Hours that are asked for at once, at most (ms). */
const LONGEST_MS = 400 * 86_400_000

/** What rotas are read with. */
export interface DutyViewParts {
  readonly journal: Pick<Journal, 'look'>
  readonly config: () => Pick<Config, 'careServices' | 'telemedicine' | 'establishments'>
}

/** Reads rotas from a journal. */
export function dutyViews({ journal, config }: DutyViewParts): DutyViews {
  const sees = (rota: RotaName, reach: Reach | null): boolean => seesRota(rota, reach, config())
  const seen = async (id: string, reach: Reach | null) => {
    const duty = await dutyById(journal, id)
    return duty === null || !sees(duty, reach) ? null : duty
  }
  return {
    async rotas({ fromMs, untilMs, service, centre }, reach) {
      if (!(fromMs < untilMs && untilMs - fromMs <= LONGEST_MS)) throw new GatewayError('BAD_REQUEST')
      const duties = await dutiesIn(journal, fromMs, untilMs)
      return rotasOf(config())
        .filter((rota) => service === undefined || rota.service === service)
        .filter((rota) => (centre === undefined || rota.centre === centre) && sees(rota, reach))
        .map((rota) => {
          const mine = duties.filter((one) => one.service === rota.service && one.centre === rota.centre)
          return { ...rota, duties: mine, empty: emptyHours(mine, rota.places, { fromMs, untilMs }) }
        })
    },
    async on(atMs, reach) {
      return (await dutiesAt(journal, atMs)).filter((one) => sees(one, reach))
    },
    async one(id, reach) {
      const duty = await seen(id, reach)
      return duty === null ? null : { duty, notices: await noticesAt(journal, id) }
    },
    async open(id, reach) {
      const duty = await seen(id, reach)
      if (duty === null || !reaches(reach, duty.service === COORDINATION ? null : duty.centre))
        throw new GatewayError('NOT_FOUND')
      return openCases(journal, duty)
    },
  }
}

/** Open cases that the centre of a rota owns; of the coordination, none. */
export async function openCases({ look }: Pick<Journal, 'look'>, { service, centre }: RotaName): Promise<OpenCase[]> {
  const rows = await look<{ id: string; number: string; service: string; drill: number }>({
    sql: `SELECT id, number, service, drill FROM care_case
      WHERE closed_at_ms IS NULL AND owner = ? AND service = ? ORDER BY opened_at_ms, id LIMIT 200`,
    parameters: [centre, service.split('.', 1)[0] ?? service],
  })
  return rows.map(({ drill, ...row }) => ({ ...row, drill: Number(drill) === 1 }))
}

/** What was sent at a duty: its tests, and the hand-over to it. */
export async function noticesAt({ look }: Pick<Journal, 'look'>, id: string): Promise<DutyNotice[]> {
  const rows = await look<Omit<DutyNotice, 'madeAtMs'> & { made_at_ms: number }>({
    sql: `SELECT id, channel, why, state, made_at_ms FROM care_notice WHERE care_case = ? ORDER BY made_at_ms, id LIMIT 50`,
    parameters: [id],
  })
  return rows.map(({ made_at_ms, ...row }) => ({ ...row, madeAtMs: Number(made_at_ms) }))
}
