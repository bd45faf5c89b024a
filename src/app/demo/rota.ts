import type { Config } from '../../core/config.ts'
import { type DutyCommands, type DutyViews, EMPTY_AHEAD_MS, type RotaHours } from '../../core/duty.ts'
import { GatewayError } from '../../core/errors.ts'
import type { Journal } from '../../core/journal.ts'

const DAY_MS = 86_400_000
/** Weeks that are filled ahead (ms). */
const FILLED_MS = 28 * DAY_MS
/** Invented people; numbers kept for fiction. */
const PEOPLE = ['Dr Anne Martin', 'Dr Paul Bernard', 'Dr Line Roy', 'Dr Jean Petit', 'Dr Zoé Moreau', 'Dr Luc Simon']

/**
 * Fills the rotas of the demo region for the weeks ahead where hours are empty, each day somebody's, and has what is on now
 * taken, so that the demo begins with people on duty and without an alert. */
export async function fillRotas({
  journal,
  duty,
  duties,
  config,
  nowMs,
}: {
  readonly journal: Pick<Journal, 'apply'>
  readonly duty: DutyViews
  readonly duties: DutyCommands
  readonly config: Config
  readonly nowMs: number
}): Promise<void> {
  if ((config.careServices?.size ?? 0) === 0) return
  const fromMs = nowMs - (nowMs % DAY_MS)
  const rotas = await duty.rotas({ fromMs, untilMs: nowMs + EMPTY_AHEAD_MS }, null)
  for (const [i, rota] of rotas.entries()) {
    if (rota.empty.length === 0) continue
    const saved = await duties.save(
      { ...rota, fromMs, untilMs: fromMs + FILLED_MS, duties: days(rota, i, fromMs) },
      'demo',
      null,
    )
    if (!saved.ok) throw new GatewayError('DUTY_INCOMPLETE')
  }
  await journal.apply({
    rows: [
      {
        sql: `UPDATE duty SET taken_at_ms = from_ms, taken_by = 'demo' WHERE taken_at_ms IS NULL AND phone LIKE ?`,
        parameters: [`${FICTION}%`],
      },
    ],
  })
}

/** Numbers of invented people begin so. */
const FICTION = '02619100'

function days({ places }: RotaHours, i: number, fromMs: number) {
  return places.flatMap((place) =>
    Array.from({ length: FILLED_MS / DAY_MS }, (_, day) => {
      const who = (day + 2 * i + 3 * place) % PEOPLE.length
      return {
        ...{ place, person: PEOPLE[who]!, rpps: null, phone: `${FICTION}2${who}`, mobile: `063998002${who}` },
        ...{ fromMs: fromMs + day * DAY_MS, untilMs: fromMs + (day + 1) * DAY_MS },
      }
    }),
  )
}
