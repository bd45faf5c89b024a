import { type Reach, reaches } from '../../core/caller.ts'
import type { Config } from '../../core/config.ts'
import {
  COORDINATION,
  type Duty,
  type DutyCommands,
  type RotaName,
  type RotaSave,
  rotasOf,
  TAKEN_BEFORE_MS,
} from '../../core/duty.ts'
import { GatewayError } from '../../core/errors.ts'
import type { Journal, NewEvent } from '../../core/journal.ts'
import type { Clock, Ids } from '../../core/ports.ts'
import { noticeRow } from '../notices/row.ts'
import { bareDuties, problemsOf } from './judge.ts'
import { dutiesIn, dutyById, saveRows } from './rows.ts'
import { noticesAt } from './views.ts'

/** How often a save that others crossed is judged again. */
const TRIES = 3
/** Duties of one save. */
const MOST = 2_000

/** What rotas are changed with. */
export interface DutyParts {
  readonly journal: Pick<Journal, 'look' | 'apply'>
  readonly config: () => Pick<Config, 'careServices' | 'telemedicine'>
  readonly clock: Clock
  readonly ids: Ids
  /** Notices may wait to be sent. */
  readonly told: () => void
}

/** Changes rotas and duties in a journal. */
export function dutyCommands(parts: DutyParts): DutyCommands {
  const { journal, config, clock, ids } = parts
  const event = (what: string, who: string, detail: string): NewEvent => ({
    ...{ atMs: clock.nowMs(), who, what, detail, why: null, code: null, message: null, delivery: null },
  })
  return {
    async save(asked, who, reach) {
      if (!isTheirs(asked, reach)) throw new GatewayError('FORBIDDEN')
      const places = placesOf(asked, config())
      if (places === null || asked.duties.length > MOST) throw new GatewayError('BAD_REQUEST')
      const save: RotaSave = { ...asked, duties: bareDuties(asked.duties) }
      const detail = `${save.service} ${save.centre} ${iso(save.fromMs)} ${iso(save.untilMs)}`
      for (let tries = 0; tries < TRIES; tries += 1) {
        const kept = await dutiesIn(journal, save.fromMs, endOf(save), save)
        const problems = problemsOf(save, kept, places)
        if (problems.length > 0) return { ok: false, problems }
        const rows = saveRows(save, kept, () => ids.uuid())
        if (await journal.apply({ rows, events: [event('save-duty', who, detail)] })) return { ok: true }
      }
      throw new GatewayError('WRONG_STATE')
    },
    async test(id, who, reach) {
      const duty = await changeable(id, reach, parts)
      const { sms, voice } = config().telemedicine ?? { sms: null, voice: null }
      const rows = [
        ...(sms === null ? [] : [testRow(duty, 'sms', duty.mobile ?? duty.phone, parts)]),
        ...(voice === null ? [] : [testRow(duty, 'voice', duty.phone, parts)]),
      ]
      await journal.apply({ rows, events: [event('test-duty', who, id)] })
      parts.told()
      return noticesAt(journal, id)
    },
    async take(id, heard, who, reach) {
      const duty = await changeable(id, reach, parts)
      const nowMs = clock.nowMs()
      const done = await journal.apply({
        rows: [
          {
            sql: 'UPDATE duty SET taken_at_ms = ?, taken_by = ?, tests = ? WHERE id = ? AND person = ?',
            parameters: [nowMs, who, JSON.stringify(heard), id, duty.person],
            rows: 1,
          },
        ],
        events: [event('take-duty', who, id)],
      })
      if (!done) throw new GatewayError('WRONG_STATE')
      return { ...duty, takenAtMs: nowMs, takenBy: who, heard }
    },
  }
}

/** A centre's rota is its own people's, the coordination's the region's. */
function isTheirs({ service, centre }: RotaName, reach: Reach | null): boolean {
  return service === COORDINATION ? reach === null : reaches(reach, centre)
}

function placesOf(rota: RotaName, config: Parameters<typeof rotasOf>[0]): Duty['place'][] | null {
  const known = rotasOf(config).find(({ service, centre }) => service === rota.service && centre === rota.centre)
  return known === undefined ? null : [...known.places]
}

async function changeable(id: string, reach: Reach | null, { journal, clock }: DutyParts): Promise<Duty> {
  const duty = await dutyById(journal, id)
  if (duty === null || !isTheirs(duty, reach)) throw new GatewayError('NOT_FOUND')
  const nowMs = clock.nowMs()
  if (nowMs >= duty.untilMs || nowMs < duty.fromMs - TAKEN_BEFORE_MS) throw new GatewayError('WRONG_STATE')
  return duty
}

function testRow(duty: Duty, channel: 'sms' | 'voice', target: string, { clock, ids }: DutyParts) {
  const told = duty.place === 0 ? 'coordination' : (`duty-${duty.place}` as const)
  return noticeRow({
    ...{ id: ids.uuid(), careCase: duty.id, n: 0, why: 'duty-test', ladder: null, rung: null, told, channel, target },
    establishment: duty.centre === '' ? null : duty.centre,
    madeAtMs: clock.nowMs(),
    failed: null,
  })
}

function endOf({ untilMs, duties }: RotaSave): number {
  return Math.max(untilMs, ...duties.map((one) => one.untilMs))
}

const iso = (ms: number): string => new Date(ms).toISOString()
