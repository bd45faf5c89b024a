import type { Appointment } from '../../core/appointments.ts'
import type { CasePatient } from '../../core/cases.ts'
import type { Journal } from '../../core/journal.ts'
import type { SiuRead } from '../../formats/agenda/read.ts'
import type { Placer } from '../../formats/case/reading.ts'
import { isOfAnother } from '../case/identity.ts'
import type { Agenda } from './agenda.ts'
import { type CareCase, careCaseOf } from './care-case.ts'
import { APPOINTMENT_COLUMNS, type AppointmentRow, appointmentOf } from './rows.ts'
import type { AgendaMessage } from './unread.ts'

/** What a SIU says of whom it is about. `number`: that of whoever asked (SCH-1), with its authority. */
export interface SiuNames {
  readonly siu: Pick<SiuRead, 'numbers' | 'filler'>
  readonly number: Placer | null
  readonly patient: CasePatient | null
}

/** The case and, once there is one, the appointment that a SIU is about. `another`: it names somebody else as their patient. */
export interface Concerned {
  readonly known: Appointment | null
  readonly care: CareCase
  readonly another: boolean
}

type Parts = Pick<Agenda, 'journal' | 'search'>

/**
 * What a SIU is about: by our id or the number of a case; by what it opened; by the number that its system gave, or that the
 * site asked under. The latter two are numbers of others: they count among the cases in which the sender takes part, for the
 * patient that the SIU names, and where they leave one case. Null: nothing of ours. */
export async function concernedBy(names: SiuNames, work: AgendaMessage, parts: Parts): Promise<Concerned | null> {
  const { numbers, filler } = names.siu
  const found =
    (await byOwnNumber(numbers, parts.journal)) ??
    (await ofMessage(work.message, parts.journal)) ??
    (await byFiller(filler === null ? [] : [filler], names, work, parts.journal)) ??
    (await byPlacer(names, work, parts)) ??
    (await byFiller(numbers, names, work, parts.journal))
  if (found === null) return null
  const { care } = found
  const known = found.known ?? (await latest('a.care_case = ?', [care.id], parts.journal))[0] ?? null
  return { known, care, another: isAnothers(care, names, work) }
}

type Found = { readonly known: Appointment | null; readonly care: CareCase }

const isAnothers = ({ state }: CareCase, { patient }: SiuNames, { establishment: site }: AgendaMessage): boolean =>
  state !== null && patient !== null && isOfAnother(state, { site, patient })

async function byOwnNumber(numbers: readonly string[], journal: Pick<Journal, 'look'>): Promise<Found | null> {
  for (const number of numbers) {
    const [known] = await latest('(a.id = ? OR a.number = ?)', [number, number], journal)
    const care = known === undefined ? null : await careCaseOf(journal, known.case)
    if (known !== undefined && care !== null) return { known, care }
    const found = await caseAt('number = ?', number, journal)
    if (found !== null) return { known: null, care: found }
  }
  return null
}

async function caseAt(where: string, value: string, journal: Pick<Journal, 'look'>): Promise<CareCase | null> {
  const [row] = await journal.look<{ id: string }>({
    sql: `SELECT id FROM care_case WHERE ${where}`,
    parameters: [value],
  })
  return row === undefined ? null : careCaseOf(journal, row.id)
}

async function ofMessage(message: string, journal: Pick<Journal, 'look'>): Promise<Found | null> {
  const care = await caseAt('id IN (SELECT care_case FROM care_message WHERE message = ?)', message, journal)
  return care === null ? null : { known: null, care }
}

/** By the number that the sender's system gave before: of several cases the one that is open. */
async function byFiller(
  numbers: readonly string[],
  names: SiuNames,
  work: AgendaMessage,
  journal: Pick<Journal, 'look'>,
): Promise<Found | null> {
  const { establishment: from } = work
  for (const number of numbers) {
    const all = await latest('a.filler = ? AND (a.centre = ? OR a.site = ?)', [number, from, from], journal)
    const found: { known: Appointment; care: CareCase }[] = []
    for (const known of all) {
      const care = found.some((one) => one.care.id === known.case) ? null : await careCaseOf(journal, known.case)
      if (care !== null && !isAnothers(care, names, work)) found.push({ known, care })
    }
    const open = found.filter(({ care }) => care.open)
    const one = found.length === 1 ? found[0] : open.length === 1 ? open[0] : undefined
    if (one !== undefined) return one
  }
  return null
}

/** By the number that the site asked under, for the site and those who take part: of another it is another's. */
async function byPlacer(names: SiuNames, work: AgendaMessage, { journal, search }: Parts): Promise<Found | null> {
  const { number } = names
  if (number === null) return null
  const { establishment: from } = work
  const asked = await journal.look<{ id: string }>({
    sql: `SELECT DISTINCT c.id FROM care_case c JOIN care_key k ON k.care_case = c.id
      WHERE k.search_key = c.site || ':' || ? AND (c.site = ?
        OR EXISTS (SELECT 1 FROM care_part p WHERE p.care_case = c.id AND p.establishment = ?)) LIMIT ${MOST_CASES}`,
    parameters: [search(`order|${number.authority ?? ''}`, number.value), from, from],
  })
  const all = await Promise.all(asked.map(({ id }) => careCaseOf(journal, id)))
  const own = all.filter((one) => one !== null).filter((one) => !isAnothers(one, names, work))
  const open = own.filter((one) => one.open)
  const one = own.length === 1 ? own[0] : open.length === 1 ? open[0] : undefined
  return one === undefined ? null : { known: null, care: one }
}

/** Cases or appointments that bear one number, looked at. */
const MOST_CASES = 50

/** Appointments, the one that changed last first. */
async function latest(
  where: string,
  parameters: readonly string[],
  journal: Pick<Journal, 'look'>,
): Promise<readonly Appointment[]> {
  const rows = await journal.look<AppointmentRow>({
    sql: `SELECT ${APPOINTMENT_COLUMNS} FROM appointment AS a WHERE ${where}
      ORDER BY a.changed_at_ms DESC, a.id DESC LIMIT ${MOST_CASES}`,
    parameters,
  })
  return rows.map(appointmentOf)
}
