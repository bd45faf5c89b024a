import type { Act, Case, CaseAnswer, CaseMessage, CaseViewer } from '../core/cases.ts'
import type { Journal } from '../core/journal.ts'
import { samePlacer } from '../formats/case/reading.ts'
import { loadCase } from './store/load.ts'

/** Acts that a system of an establishment does to a case, by an answer to its request. */
export interface Answered {
  readonly case: Case
  readonly acts: readonly Act[]
}

/** A system of an establishment as who acts: what it may do is what the establishment is to the case. */
export function systemViewer(establishment: string, name: string): CaseViewer {
  return {
    caller: { role: 'establishment', who: establishment, establishment, scope: null },
    participant: { name, rpps: null, establishment, role: 'establishment', phone: null },
  }
}

/**
 * The open cases whose request the answers of a message name, among those that its sender takes part in: by the number of
 * the order, by that of the case, or by the request or Task that the gateway keeps. An order that two of them bear is nobody's. */
export async function answeredBy(
  answers: readonly CaseAnswer[],
  message: CaseMessage,
  journal: Pick<Journal, 'look'>,
): Promise<readonly Answered[]> {
  if (answers.length === 0) return []
  const found = await journal.look<{ id: string }>({
    sql: `SELECT DISTINCT c.id FROM care_part p JOIN care_case c ON c.id = p.care_case
      WHERE p.establishment = ? AND c.closed_at_ms IS NULL
      AND (CASE WHEN c.test = 1 OR c.drill = 1 THEN 1 ELSE 0 END) = ? ORDER BY c.id`,
    parameters: [message.establishment, message.test ? 1 : 0],
  })
  const open: Case[] = []
  for (const { id } of found) {
    const one = await loadCase(journal, id)
    if (one !== null) open.push(one)
  }
  const acts = new Map<Case, Act[]>()
  for (const answer of answers) {
    const about = answer.about === null ? null : await caseOf(answer.about, journal)
    const named = open.filter((one) => (answer.about === null ? bears(one, answer) : one.id === about))
    const [one] = named
    if (one !== undefined && named.length === 1) acts.set(one, [...(acts.get(one) ?? []), ...answer.acts])
  }
  return [...acts].map(([one, done]) => ({ case: one, acts: done }))
}

function bears({ number, requests }: Case, { placer }: CaseAnswer): boolean {
  if (placer === null) return false
  return placer.value === number || requests.some((one) => one.placer !== null && samePlacer(one.placer, placer))
}

async function caseOf(resource: string, journal: Pick<Journal, 'look'>): Promise<string | null> {
  const [type = '', id = ''] = resource.split('/')
  const [row] = await journal.look<{ care_case: string }>({
    sql: 'SELECT care_case FROM care_resource WHERE type = ? AND id = ?',
    parameters: [type, id],
  })
  return row?.care_case ?? null
}
