import type { Case, CaseViews } from '../../core/cases.ts'
import type { Config } from '../../core/config.ts'
import type { Journal } from '../../core/journal.ts'
import { PLATFORM, type State } from '../../core/message.ts'
import type { Sending, SendingSort, SendingStep, Sendings } from '../../core/sendings.ts'
import { alertedCentres } from '../case/climb.ts'
import { wayTo } from './parts.ts'

/** Things sent of one case that are shown, at most: the newest. */
const MOST = 200
/** It is on its way, or waits to be tried again. */
const OPEN: ReadonlySet<State> = new Set(['queued', 'sending', 'unknown'])

interface Row {
  readonly what: SendingSort
  readonly message: string
  readonly destination: string
  readonly state: State
  readonly moved_at_ms: number
  readonly received_at_ms: number
}

/** Reads sendings of cases that the caller sees whole. */
export function sendingViews(parts: {
  readonly journal: Pick<Journal, 'look'>
  readonly views: Pick<CaseViews, 'one'>
  readonly config: () => Config
}): Sendings {
  const { journal, views, config } = parts
  return {
    async of(id, caller) {
      const line = await views.one(id, caller)
      if (line === null || line.extent !== 'whole') return []
      const rows = await journal.look<Row>({
        sql: `SELECT s.what, s.message, d.destination, d.state, d.moved_at_ms, m.received_at_ms FROM care_sending s
          JOIN message m ON m.id = s.message JOIN delivery d ON d.message_seq = m.seq
          WHERE s.care_case = ? AND d.destination <> ? ORDER BY d.seq DESC LIMIT ${MOST}`,
        parameters: [id, PLATFORM],
      })
      const sent = rows.toReversed().map((row) => sendingOf(row, line.case))
      return [...sent, ...onScreens(line.case, config())]
    },
  }
}

function sendingOf({ moved_at_ms, received_at_ms, ...row }: Row, of: Case): Sending {
  const [establishment = ''] = row.destination.split('/')
  const isThere = row.state === 'delivered'
  const delivered: SendingStep = {
    step: 'delivered',
    state: isThere ? 'done' : OPEN.has(row.state) ? 'waits' : 'failed',
    atMs: isThere ? Number(moved_at_ms) : null,
  }
  return {
    ...row,
    establishment,
    atMs: Number(received_at_ms),
    steps: [delivered, ...heard(row.what, establishment, of)],
  }
}

/** What the case tells of those who have it: whether they saw it, and act on it. */
function heard(what: SendingSort, establishment: string, of: Case): readonly SendingStep[] {
  const seen = (atMs: number | null): SendingStep => ({ step: 'seen', state: atMs === null ? 'waits' : 'done', atMs })
  const taken = (atMs: number | null): SendingStep => ({ step: 'taken', state: atMs === null ? 'waits' : 'done', atMs })
  if (what === 'request' && alertedCentres(of).includes(establishment)) {
    const mine = of.owner?.establishment === establishment ? of.owner.atMs : null
    const asked = of.climbs.some(({ centres, at }) => centres[at] === establishment)
    return [seen(mine !== null || asked ? of.seenAtMs : null), taken(mine)]
  }
  if (what === 'advice' && of.requests.some(({ site }) => site === establishment)) {
    return [seen(of.advice?.readAtMs ?? null), taken(of.decision?.atMs ?? null)]
  }
  return [
    { step: 'seen', state: 'untold', atMs: null },
    { step: 'taken', state: 'untold', atMs: null },
  ]
}

/** Whoever takes part without a system of their own is told on the screens: the request at a centre, the advice at a site. */
function onScreens(of: Case, config: Config): readonly Sending[] {
  const shown = (what: SendingSort, establishment: string, atMs: number): Sending[] => {
    if (wayTo(establishment, of, config) !== null) return []
    const steps = heard(what, establishment, of)
    const delivered: SendingStep = { step: 'delivered', state: 'untold', atMs: null }
    return [{ what, message: null, destination: null, establishment, state: null, atMs, steps: [delivered, ...steps] }]
  }
  const sites = [...new Set(of.requests.map(({ site }) => site))]
  return [
    ...alertedCentres(of).flatMap((centre) => shown('request', centre, of.openedAtMs)),
    ...(of.advice === null ? [] : sites.flatMap((site) => shown('advice', site, of.advice!.atMs))),
  ]
}
