import type { DeliveryDetail, MessageDetail, TimelineEntry } from '../../core/views.ts'
import { type Call, type CliLanguage, type Command, OPTIONS, ProblemError, plain } from './command.ts'
import type { Reach } from './reach.ts'

const LABELS: Readonly<Record<CliLanguage, Readonly<Record<TimelineEntry['what'], string>>>> = {
  en: {
    received: 'received',
    answered: 'answered',
    routed: 'routed',
    replayed: 'replayed',
    attempt: 'attempt',
    ended: 'given up',
    caused: 'caused',
    event: 'event',
  },
  fr: {
    received: 'reçu',
    answered: 'répondu',
    routed: 'routé',
    replayed: 'renvoyé',
    attempt: 'essai',
    ended: 'abandonné',
    caused: 'suite',
    event: 'événement',
  },
}

/** A duration as people read it: `12 ms`, `3.4 s`, `5 min`, `2 h`. */
export function durationText(ms: number): string {
  if (ms < 1_000) return `${ms} ms`
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`
  return ms < 3_600_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 3_600_000)} h`
}

function clockText(iso: string): string {
  const at = new Date(iso)
  const part = (n: number, digits = 2) => String(n).padStart(digits, '0')
  return `${part(at.getHours())}:${part(at.getMinutes())}:${part(at.getSeconds())}.${part(at.getMilliseconds(), 3)}`
}

function entryText(entry: TimelineEntry, language: CliLanguage): string {
  const label = entry.what === 'event' ? (entry.event ?? '') : LABELS[language][entry.what]
  const facts = [
    entry.n === null ? label : `${label} ${entry.n}`,
    entry.destination === null ? null : `→ ${entry.destination}`,
    entry.route === null ? null : `(${entry.route})`,
    entry.detail,
    entry.code,
    entry.message,
    entry.ms === null ? null : durationText(entry.ms),
    entry.who === null || entry.who === 'gateway' ? null : `${language === 'fr' ? 'par' : 'by'} ${entry.who}`,
    entry.why === null ? null : `“${entry.why}”`,
  ]
  return plain(facts.filter((fact) => fact !== null).join('  '))
}

function deliveryText({ destination, state, attempts, lastError, dueAt, id }: DeliveryDetail): string {
  const due = dueAt === null || state === 'sending' ? '' : `  → ${clockText(dueAt)}`
  return plain(`  ${destination}  ${state}  ${attempts}x${lastError === null ? '' : `  ${lastError}`}${due}  ${id}`)
}

/** Draws a message's timeline: each line its time, the time since it was received, and what happened. Pure. */
export function drawTrace(message: MessageDetail, language: CliLanguage): string {
  const startMs = Date.parse(message.receivedAt)
  const head = [message.kind, message.controlId, message.id, `${message.bytes} B`, message.state]
  const last = message.timeline.length - 1
  const lines = message.timeline.map((entry, i) => {
    const since = `+${durationText(Math.max(0, Date.parse(entry.at) - startMs))}`
    const sign = i === 0 ? '┌' : i === last ? '└' : '├'
    return `${clockText(entry.at)}  ${since.padStart(9)}  ${sign}─ ${entryText(entry, language)}`
  })
  const findings = message.findings.map(({ code, class: kind, at }) => plain(`  ${kind}  ${code}  ${at ?? ''}`))
  return [
    plain(head.join('  ')),
    plain(`${message.from ?? '?'}  ${message.entrance}  ${message.receivedAt}${message.test ? '  test' : ''}`),
    ...lines,
    ...message.deliveries.map(deliveryText),
    ...findings,
    '',
  ].join('\n')
}

async function find(gateway: Reach, wanted: string, call: Call): Promise<MessageDetail> {
  const byId = /^[0-9a-f]{8}-[0-9a-f-]{27}$/i.test(wanted) ? await gateway.message(wanted.toLowerCase()) : null
  if (byId !== null) return byId
  const { messages } = await gateway.messages({ controlId: wanted, limit: 10 })
  const [newest, ...older] = messages
  const found = newest === undefined ? null : await gateway.message(newest.id)
  if (found === null) {
    throw new ProblemError(
      {
        en: `No message has the id or MSH-10 ${plain(wanted)}.`,
        fr: `Aucun message n'a l'identifiant ou le MSH-10 ${plain(wanted)}.`,
      }[call.language],
      'NOT_FOUND',
    )
  }
  for (const { id, receivedAt } of older) {
    call.io.err(`${{ en: 'also', fr: 'aussi' }[call.language]}: ${id}  ${receivedAt}  ${plain(wanted)}\n`)
  }
  return found
}

/** `trace`: the timeline of one message, by its id or MSH-10. */
export const traceCommand: Command = {
  name: 'trace',
  positionals: ['ID|CONTROL-ID'],
  summary: { en: "draws a message's timeline", fr: "dessine la chronologie d'un message" },
  options: { store: OPTIONS.store, url: OPTIONS.url },
  async run(call) {
    const { reach } = await import('./reach.ts')
    const gateway = await reach(call)
    try {
      const message = await find(gateway, call.positionals[0] ?? '', call)
      call.io.out(call.json ? `${JSON.stringify(message)}\n` : drawTrace(message, call.language))
      return 0
    } finally {
      await gateway.close()
    }
  },
}
