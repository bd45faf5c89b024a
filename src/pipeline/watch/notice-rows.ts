import { SEVERITIES } from '../../core/alerts.ts'
import type { Config, NotifyChannel } from '../../core/config.ts'
import type { Journal, Statement } from '../../core/journal.ts'
import type { AlertChange, KeptAlert } from './judge.ts'

/** What is not urgent waits so long for what comes with it (ms). */
export const GATHER_MS = 10_000
/** A channel that failed so often in a row is an alert itself. */
const SILENT_AFTER = 3

type Look = Pick<Journal, 'look'>

/** Is a channel told of this alert? What concerns no establishment only where the channel is for all of them. Pure. */
export function isTold(channel: NotifyChannel, { severity, kind, establishment, subject }: KeptAlert): boolean {
  const { severities, kinds, establishments } = channel
  if (kind === 'notice' && subject === channel.name) return false
  return (
    severities.includes(severity) &&
    (kinds === null || kinds.includes(kind)) &&
    (establishments === null || (establishment !== null && establishments.includes(establishment)))
  )
}

/** What is to be told of these changes, by channel: what is urgent at once, the rest together, at most every `every`. */
export async function noticeRows(
  changes: readonly AlertChange[],
  parts: { readonly journal: Look; readonly config: Config; readonly nowMs: number; readonly newId: () => string },
): Promise<Statement[]> {
  const { journal, config, nowMs, newId } = parts
  const rows: Statement[] = []
  for (const { what, alert } of changes) {
    if (what === 'lasts') continue
    if (what === 'ended') {
      rows.push(...(await endedRows(alert, parts)))
      continue
    }
    if (alert.acknowledged || (alert.snoozedUntilMs ?? 0) > nowMs) continue
    for (const channel of config.notify ?? []) {
      if (!isTold(channel, alert)) continue
      const atOnce = alert.severity === SEVERITIES[0] && (what === 'new' || what === 'graver')
      rows.push(
        noticeRow(
          newId(),
          channel.name,
          alert.id,
          'raised',
          nowMs,
          atOnce ? nowMs : await turn(journal, channel, nowMs),
        ),
      )
    }
  }
  return rows
}

/** Who was told of it is told of its end; who was not yet, of neither. */
async function endedRows(
  { id }: KeptAlert,
  { journal, config, nowMs, newId }: Parameters<typeof noticeRows>[1],
): Promise<Statement[]> {
  const told = await journal.look<{ channel: string; state: string }>({
    sql: `SELECT channel, state FROM notice WHERE alert = ? AND state <> 'failed'`,
    parameters: [id],
  })
  const rows: Statement[] = []
  if (told.some(({ state }) => state === 'waiting')) {
    rows.push({ sql: `DELETE FROM notice WHERE alert = ? AND state = 'waiting'`, parameters: [id] })
  }
  for (const channel of config.notify ?? []) {
    if (!told.some((one) => one.channel === channel.name && one.state === 'sent')) continue
    rows.push(noticeRow(newId(), channel.name, id, 'ended', nowMs, await turn(journal, channel, nowMs)))
  }
  return rows
}

/** When it is the turn of a channel again. */
async function turn(journal: Look, { name, everyMs }: NotifyChannel, nowMs: number): Promise<number> {
  const [last] = await journal.look<{ at_ms: number | null }>({
    sql: 'SELECT max(done_at_ms) AS at_ms FROM notice WHERE channel = ?',
    parameters: [name],
  })
  return Math.max(nowMs + GATHER_MS, Number(last?.at_ms ?? 0) + everyMs)
}

function noticeRow(
  id: string,
  channel: string,
  alert: string,
  what: 'raised' | 'ended',
  madeAtMs: number,
  dueAtMs: number,
): Statement {
  return {
    sql: `INSERT INTO notice (id, channel, alert, what, made_at_ms, due_at_ms, attempts, state)
      VALUES (?, ?, ?, ?, ?, ?, 0, 'waiting')`,
    parameters: [id, channel, alert, what, madeAtMs, dueAtMs],
    rows: 1,
  }
}

/** Channels of `notify` whose notices fail. */
export async function silentChannels({ look }: Look, { notify = [] }: Config): Promise<string[]> {
  if (notify.length === 0) return []
  const rows = await look<{ channel: string }>({
    sql: `SELECT DISTINCT channel FROM notice WHERE state = 'waiting' AND attempts >= ?`,
    parameters: [SILENT_AFTER],
  })
  const known = new Set(notify.map(({ name }) => name))
  return rows.map(({ channel }) => channel).filter((name) => known.has(name))
}
