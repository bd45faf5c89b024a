import type { CaseRequest, Happening } from '../../core/cases.ts'
import type { Destination } from '../../core/config.ts'
import type { Intake, Statement } from '../../core/journal.ts'
import { shortName } from '../../formats/bridge/stable-id.ts'
import { answerKind, TOLD_ACTS, type ToldAct, writeAnswer } from '../../formats/case/answer-hl7.ts'
import { type Hl7Message, readMessage } from '../../formats/hl7v2/message.ts'
import type { CaseChange, CaseProjection } from '../projection.ts'
import { sendingRows } from '../store/rows.ts'
import { type ExchangeParts, isTrial, orderKeysOf, takesFhir, wayTo } from './parts.ts'

const TOLD: ReadonlySet<string> = new Set(TOLD_ACTS)

/**
 * Tells the HL7 v2 systems of those who asked what became of their requests: seen, accepted, refused, advice; each request
 * under its own number, in the form that the establishment takes. FHIR systems are told by the Task. */
export function answerProjection(parts: ExchangeParts): CaseProjection {
  return async (change) => {
    // Who accepted beside the ladder that answers has not answered the request.
    const answered = change.after.owner !== null
    const told = change.happenings.filter(({ act }) => TOLD.has(act.what) && (act.what !== 'accept' || answered))
    if (told.length === 0) return {}
    const arrivals: Intake[] = []
    const rows: Statement[] = []
    for (const request of change.after.requests) {
      const way = wayTo(request.site, change.after, change.config)
      if (way === null || takesFhir(way)) continue
      const original = await originalOf(request, change, parts)
      for (const happening of told) {
        const made = answer({ request, happening, way, ...original }, change, parts)
        const what = happening.act.what === 'advise' ? 'advice' : 'answer'
        arrivals.push(made)
        rows.push(...sendingRows(change.after.id, what, [made.id]))
      }
    }
    return { arrivals, rows }
  }
}

interface Asked {
  readonly original: Hl7Message | null
  readonly controlId: string | null
}

interface Answer extends Asked {
  readonly request: CaseRequest
  readonly happening: Happening
  readonly way: Destination
}

/** The request as it came; nothing of it where it came otherwise, or is no longer kept. */
async function originalOf(
  { message, via, site }: CaseRequest,
  { config }: CaseChange,
  parts: ExchangeParts,
): Promise<Asked> {
  if (message === null || via !== 'hl7v2') return { original: null, controlId: null }
  const bytes = await parts.body(message)
  const read = bytes === null ? null : readMessage(bytes, config.establishments.get(site)?.charset)
  if (read === null || !read.ok) return { original: null, controlId: null }
  return { original: read.message, controlId: read.message.text('MSH-10') }
}

function answer(
  { request, happening, way, original, controlId }: Answer,
  change: CaseChange,
  parts: ExchangeParts,
): Intake {
  const { after, config, service, nowMs } = change
  const form = config.establishments.get(request.site)?.answer ?? 'oru'
  const key = `${after.id} ${request.id} ${happening.seq}`
  const test = isTrial(after)
  // In the name of whoever did it: the centre's answer, carried by the gateway.
  const sender = happening.by.establishment ?? after.owner?.establishment ?? null
  const context = parts.writing(way.id, { key, atMs: nowMs, sender, test }, config)
  const written = writeAnswer({
    form,
    case: after,
    act: happening.act as ToldAct,
    by: byOf(happening, config),
    request,
    original,
    controlId,
    code: service.code,
    // A name of a person may hold what a character set lacks: the answer goes all the same.
    context: { ...context, writing: { ...context.writing, unmappable: 'replace' } },
  })
  if (!written.ok) throw new Error(written.at)
  return parts.intake(
    {
      id: parts.uuid(),
      atMs: nowMs,
      kind: answerKind(form),
      controlId: shortName('MSH-10', key),
      bytes: written.bytes,
      ask: null,
      establishment: sender,
      test,
      cause: request.message,
      patientKeys: parts.patientKeys(after),
      orderKeys: orderKeysOf(after),
      to: [way.id],
      alertAfterMs: null,
      rows: [],
    },
    config,
  )
}

function byOf({ by }: Happening, config: CaseChange['config']): string {
  const place = by.establishment === null ? '' : (config.establishments.get(by.establishment)?.name ?? by.establishment)
  return [by.name, place].filter((one, i, all) => one !== '' && all.indexOf(one) === i).join(', ')
}
