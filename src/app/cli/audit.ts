import { createReadStream } from 'node:fs'
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises'
import type { AuditPage, AuditState } from '../../core/audit.ts'
import type { Journal } from '../../core/journal.ts'
import { type AuditChecked, type AuditFault, checkExport, type Expected } from '../../formats/audit/check.ts'
import { exported } from '../../formats/audit/exported.ts'
import type { TreeHead } from '../../formats/audit/head.ts'
import { cover } from '../../pipeline/audit/cover.ts'
import { storedKey } from '../../pipeline/audit/rows.ts'
import { auditViews } from '../../pipeline/audit/views.ts'
import { type Call, type Command, OPTIONS, plain, spanOption, text, UsageError } from './command.ts'
import { textIn, unreadable } from './input.ts'
import { machineClock } from './machine.ts'
import { PATIENT_OPTIONS } from './patient.ts'
import { type ProgressBar, progressBar } from './progress.ts'

/** Events read at a time. */
const PAGE = 1_000

/** An audit as it is exported from. */
export interface AuditReach {
  page(ask: { sinceMs?: number; untilMs?: number; after?: number; limit: number }): Promise<AuditPage>
  state(size?: number): Promise<AuditState>
  close(): Promise<void>
}

/** Which events an export holds. */
export interface Span {
  readonly sinceMs?: number
  readonly untilMs?: number
}

/** Takes what waits into the tree, so that nothing is left out of it. */
export async function sealAll(journal: Journal): Promise<void> {
  const running = journal.revision()
  const site =
    running === null ? '' : String((JSON.parse(running.json) as { region?: { name?: unknown } }).region?.name ?? '')
  const parts = { journal, key: await storedKey(journal), site }
  while ((await cover(parts)).more);
}

/** Takes what waits into the tree; then reads the store. */
export async function storeAudit(journal: Journal): Promise<AuditReach> {
  await sealAll(journal)
  const { page, state } = auditViews({ journal, clock: machineClock })
  return { page, state, close: () => journal.close() }
}

async function remoteAudit(url: string, call: Call): Promise<AuditReach> {
  const { gatewayAt } = await import('./remote.ts')
  const { need } = gatewayAt(url, call)
  const iso = (ms: number) => new Date(ms).toISOString()
  return {
    page({ sinceMs, untilMs, after, limit }) {
      const query = new URLSearchParams({ limit: String(limit) })
      if (sinceMs !== undefined) query.set('since', iso(sinceMs))
      if (untilMs !== undefined) query.set('until', iso(untilMs))
      if (after !== undefined) query.set('after', String(after))
      return need<AuditPage>('GET', `/api/audit?${query}`)
    },
    state: (size) => need<AuditState>('GET', `/api/audit/head${size === undefined ? '' : `?size=${size}`}`),
    close: async () => {},
  }
}

/** The export of an audit, in pieces; `progress` counts events. */
export async function* exportOf(
  audit: Pick<AuditReach, 'page' | 'state'>,
  span: Span,
  progress: (done: number, total: number) => void,
): AsyncGenerator<string> {
  const state = await audit.state()
  const first = await audit.page({ ...span, limit: PAGE })
  async function* events() {
    let page = first
    for (;;) {
      yield page.events
      const last = page.events.at(-1)?.n ?? 0
      progress(last, Math.max(state.head.size, last))
      if (page.next === null) return
      page = await audit.page({ ...span, after: page.next, limit: PAGE })
    }
  }
  const last = async (size: number) => (await audit.state(size)).head
  yield* exported({ publicKey: state.publicKey, before: first.before, events: events(), daily: state.daily, last })
}

/** Writes a new file, for its owner's eyes alone; it is there once it is whole. @throws {UsageError} when it is there */
export async function writeExport(
  file: string,
  pieces: AsyncIterable<string | Uint8Array>,
  call: Call,
): Promise<number> {
  if ((await stat(file).catch(() => null)) !== null) {
    throw new UsageError({ en: `${plain(file)} is there already.`, fr: `${plain(file)} existe déjà.` }[call.language])
  }
  const partial = `${file}.part`
  const handle = await open(partial, 'wx', 0o600)
  let bytes = 0
  try {
    for await (const piece of pieces) bytes += await written(handle, piece)
    await handle.sync()
    await rename(partial, file)
    return bytes
  } catch (error) {
    await rm(partial, { force: true })
    throw error
  } finally {
    await handle.close()
  }
}

async function written(handle: FileHandle, piece: string | Uint8Array): Promise<number> {
  const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece
  for (let at = 0; at < bytes.length; ) at += (await handle.write(bytes, at)).bytesWritten
  return bytes.length
}

async function reachAudit(call: Call): Promise<AuditReach> {
  const [{ reachBy }, { openStore }] = await Promise.all([import('./reach.ts'), import('./open-store.ts')])
  return reachBy(
    call,
    async () => storeAudit(await openStore(call, 'open')),
    (url) => remoteAudit(url, call),
  )
}

/** `audit export FILE`, `head [FILE]`, `key [FILE]`, `report [FILE]`: the audit, its signed head, its key, accesses to a patient. */
export const auditCommand: Command = {
  name: 'audit',
  positionals: ['export|head|key|report', '[FILE]'],
  summary: {
    en: 'exports the audit, shows its head or key, or reports accesses to a patient',
    fr: "exporte l'audit, montre sa tête ou sa clé, ou rapporte les accès à un patient",
  },
  options: {
    store: OPTIONS.store,
    url: OPTIONS.url,
    since: {
      type: 'string',
      value: 'TIME',
      help: { en: 'export: events from then on', fr: 'export : événements à partir de là' },
    },
    until: {
      type: 'string',
      value: 'TIME',
      help: { en: 'export: events up to then', fr: 'export : événements jusque-là' },
    },
    ...PATIENT_OPTIONS,
  },
  async run(call) {
    const [what, file] = call.positionals
    if (what === 'report') return (await import('./audit-report.ts')).patientReport(call, file)
    if ((what !== 'export' && what !== 'head' && what !== 'key') || (what === 'export' && file === undefined)) {
      throw new UsageError('passerelle audit export FILE | head [FILE] | key [FILE] | report [FILE]')
    }
    const { sinceMs, untilMs } = spanOption(call)
    const span: Span = { ...(sinceMs === undefined ? {} : { sinceMs }), ...(untilMs === undefined ? {} : { untilMs }) }
    const audit = await reachAudit(call)
    const bar = progressBar(call)
    try {
      if (what === 'export') return await exportTo(file!, audit, span, call, bar)
      const { head, publicKey, waiting, missing } = await audit.state()
      const said = what === 'key' ? publicKey : `${JSON.stringify(head)}\n`
      if (file !== undefined) await writeExport(file, lines(said), call)
      else call.io.out(what === 'key' && call.json ? `${JSON.stringify({ publicKey })}\n` : said)
      if (what === 'head' && waiting + missing > 0) call.io.err(behind(waiting, missing)[call.language])
      return missing === 0 ? 0 : 1
    } finally {
      bar.end()
      await audit.close()
    }
  },
}

async function* lines(said: string) {
  yield said
}

async function exportTo(file: string, audit: AuditReach, span: Span, call: Call, bar: ProgressBar): Promise<number> {
  const bytes = await writeExport(file, exportOf(audit, span, bar.show), call)
  const { missing, waiting } = await audit.state()
  bar.end()
  if (call.json) call.io.out(`${JSON.stringify({ file, bytes, waiting, missing })}\n`)
  else call.io.err(`${plain(file)}: ${(bytes / 1024 ** 2).toFixed(1)} MiB\n`)
  if (!call.json && missing !== 0) call.io.err(behind(waiting, missing)[call.language])
  return missing === 0 ? 0 : 1
}

function behind(waiting: number, missing: number) {
  return {
    en: `${waiting} events are not in the tree yet; ${missing} are missing\n`,
    fr: `${waiting} événements ne sont pas encore dans l'arbre ; ${missing} manquent\n`,
  }
}

/** Checks an export without a store. */
export async function verifyExport(file: string, call: Call, bar: ProgressBar): Promise<number> {
  const expected: Expected = {
    ...(await said(call, 'key', (content) => ({ key: content }))),
    ...(await said(call, 'head', (content) => ({ heads: headsIn(content, call) }))),
  }
  const { size: bytes } = await stat(file).catch((fault: unknown) => {
    throw unreadable(file, fault, call)
  })
  const checked = await checkExport(createReadStream(file, { highWaterMark: 1024 ** 2 }), expected, (done) =>
    bar.show(done, bytes),
  )
  bar.end()
  tell(checked, call)
  return checked.faults.length === 0 ? 0 : 1
}

async function said<T>(call: Call, name: string, read: (content: string) => T): Promise<T | object> {
  const file = text(call, name)
  if (file === undefined) return {}
  return read(await textIn(file, call))
}

function headsIn(content: string, call: Call): readonly TreeHead[] {
  try {
    const heads = content
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => JSON.parse(line) as TreeHead)
    if (heads.every((head) => typeof head.root === 'string' && typeof head.signature === 'string')) return heads
  } catch {}
  throw new UsageError(
    {
      en: '--head is a file that passerelle audit head wrote.',
      fr: '--head est un fichier écrit par passerelle audit head.',
    }[call.language],
  )
}

/** Says what was found. */
export function tell(checked: AuditChecked, call: Call): void {
  const { events, faults, keyId, head } = checked
  if (call.json) {
    call.io.out(`${JSON.stringify(checked)}\n`)
    return
  }
  for (const fault of faults) call.io.out(`${sentence(fault, call)}\n`)
  call.io.err(
    {
      en: `${events} events checked, ${faults.length} faults; key ${keyId ?? '-'}; root ${plain(head?.root ?? '-')}\n`,
      fr: `${events} événements contrôlés, ${faults.length} anomalies ; clé ${keyId ?? '-'} ; racine ${plain(head?.root ?? '-')}\n`,
    }[call.language],
  )
}

const WORDS: Readonly<Record<AuditFault['what'], { readonly en: string; readonly fr: string }>> = {
  altered: { en: 'altered', fr: 'modifié' },
  removed: { en: 'removed', fr: 'retiré' },
  added: { en: 'added, never signed', fr: 'ajouté, jamais signé' },
  moved: { en: 'out of its order', fr: 'hors de son ordre' },
  head: { en: 'tree head that is not of these events', fr: "tête d'arbre qui n'est pas celle de ces événements" },
  cut: { en: 'cut off before its end', fr: 'coupé avant la fin' },
  key: { en: 'not signed by the key expected', fr: 'non signé par la clé attendue' },
}

function sentence({ what, n, at, line }: AuditFault, call: Call): string {
  const word = WORDS[what][call.language]
  const event = n === null ? '' : { en: ` event ${n}`, fr: ` événement ${n}` }[call.language]
  const place = line === null ? '' : { en: ` (line ${line})`, fr: ` (ligne ${line})` }[call.language]
  return `${at === null ? '' : `${at} `}${word}${event}${place}`
}

/** Reads the audit of a store as an export would be read. */
export async function verifyStoreAudit(
  journal: Journal,
): Promise<{ readonly checked: AuditChecked; readonly missing: number }> {
  const audit = await storeAudit(journal)
  async function* chunks() {
    for await (const piece of exportOf(audit, {}, () => {})) yield Buffer.from(piece)
  }
  const checked = await checkExport(chunks())
  return { checked, missing: (await audit.state()).missing }
}
