import type { Case, Happening, Notice } from '../../core/cases.ts'
import type { Config } from '../../core/config.ts'
import { COORDINATION, onDuty, rotaOf } from '../../core/duty.ts'
import type { Journal, Statement } from '../../core/journal.ts'
import { dutiesAt } from '../duty/rows.ts'
import { noticesOf } from './rows.ts'

/** What a change of a case is told by. */
export interface ToldChange {
  readonly before: Case | null
  readonly after: Case
  readonly happenings: readonly Happening[]
  readonly config: Config
  readonly nowMs: number
}

/** Makes the rows of `care_notice` that go with each change of a case, in its commit; the rota is asked only where somebody is told. */
export function noticeProjection({
  journal,
  uuid,
}: {
  readonly journal: Pick<Journal, 'look'>
  readonly uuid: () => string
}): (change: ToldChange) => Promise<{ readonly rows: readonly Statement[] }> {
  return async ({ before, after, happenings, config, nowMs }) => {
    const tells = happenings.some(({ act }) => act.what === 'rung' || act.what === 'late')
    const on = tells ? await dutiesAt(journal, nowMs) : []
    return { rows: noticesOf(before, after, happenings, { config, on, newId: uuid }) }
  }
}

/**
 * The name of who is on duty where a notice goes, by the rota of the ladder, for people to read; null: nobody is, or it is
 * nobody's duty. */
export function noticeNames({
  look,
}: Pick<Journal, 'look'>): (
  notice: Notice,
  about: { readonly service: { readonly name: string }; readonly nowMs: number; readonly ladder: string },
) => Promise<string | null> {
  return async ({ told, establishment }, { service, nowMs, ladder }) => {
    const place = { 'duty-1': 1, 'duty-2': 2, 'next-centre': 1, coordination: 0 } as const
    if (!(told in place)) return null
    const at = place[told as keyof typeof place]
    const on = await dutiesAt({ look }, nowMs)
    const rota = at === 0 ? COORDINATION : rotaOf(service.name, ladder)
    return onDuty(on, rota, at === 0 ? '' : (establishment ?? ''), at)?.person ?? null
  }
}
