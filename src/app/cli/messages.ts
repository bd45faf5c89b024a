import { ERRORS, type ErrorCode } from '../../core/errors.ts'
import type { MessageState } from '../../core/message.ts'
import {
  type DeliverySummary,
  ENTRANCES,
  type MessageFilter,
  type MessagePage,
  type MessageSummary,
  type UnknownName,
} from '../../core/views.ts'
import { type Bilingual, type Call, type Command, OPTIONS, plain, spanOption, text, UsageError } from './command.ts'
import { identifiersIn } from './patient.ts'

const STATES = ['parked', 'inFlight', 'closed'] as const satisfies MessageState[]

function wrong(call: Call, en: string, fr: string): UsageError {
  return new UsageError({ en, fr }[call.language])
}

/** The text option as one of a few words. */
function word<T extends string>(call: Call, name: string, words: readonly T[]): T | undefined {
  const given = text(call, name)
  if (given === undefined) return undefined
  const found = words.find((one) => one === given)
  if (found !== undefined) return found
  const list = words.join(', ')
  throw wrong(call, `--${name} is one of ${list}.`, `--${name} vaut ${list}.`)
}

/** The text option as a code of the table. */
function code(call: Call, name: string): ErrorCode | undefined {
  const given = text(call, name)
  if (given === undefined || Object.hasOwn(ERRORS, given)) return given as ErrorCode | undefined
  const said = plain(given)
  throw wrong(
    call,
    `--${name}: ${said} is no code of docs/errors.md.`,
    `--${name} : ${said} n'est pas un code de docs/errors.md.`,
  )
}

/** A whole number within bounds, both included. */
function whole(call: Call, name: string, least: number, most: number): number | undefined {
  const given = text(call, name)
  if (given === undefined) return undefined
  const n = /^\d{1,15}$/.test(given) ? Number(given) : Number.NaN
  if (n >= least && n <= most) return n
  throw wrong(call, `--${name} is ${least} to ${most}.`, `--${name} va de ${least} à ${most}.`)
}

const size = (call: Call, name: string) => whole(call, name, 0, Number.MAX_SAFE_INTEGER)

/** The patient, read from a file: on the command line, an identifier would stand in histories and lists of processes. */
async function patient(call: Call): Promise<string | undefined> {
  const file = text(call, 'patient-file')
  if (file === undefined) return undefined
  const [one, ...more] = await identifiersIn(file, call)
  if (one !== undefined && more.length === 0) return one
  throw wrong(
    call,
    '--patient-file holds one AUTHORITY|IDENTIFIER here.',
    '--patient-file contient ici un seul AUTORITÉ|IDENTIFIANT.',
  )
}

/** The filter that the options of a command ask for. @throws {UsageError} */
export async function filterOf(call: Call): Promise<MessageFilter> {
  const [minBytes, maxBytes] = [size(call, 'min-bytes'), size(call, 'max-bytes')]
  if (minBytes !== undefined && maxBytes !== undefined && minBytes > maxBytes) {
    throw wrong(call, '--min-bytes is above --max-bytes.', '--min-bytes dépasse --max-bytes.')
  }
  const test = word(call, 'test', ['true', 'false'])
  const asked = {
    controlId: text(call, 'control-id'),
    from: text(call, 'from'),
    to: text(call, 'to'),
    kind: text(call, 'kind'),
    state: word(call, 'state', STATES),
    finding: code(call, 'finding'),
    code: code(call, 'code'),
    minBytes,
    maxBytes,
    ...spanOption(call),
    entrance: word(call, 'entrance', ENTRANCES),
    test: test === undefined ? undefined : test === 'true',
    patient: await patient(call),
  }
  return Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined))
}

/** @throws {UsageError} when nothing was found because a value of the filter names nothing that there is */
export function refuseUnknown({ unknown = [] }: MessagePage, filter: MessageFilter, call: Call): void {
  const [name] = unknown
  if (name === undefined) return
  const said = plain(filter[name] ?? '')
  throw wrong(call, `--${name}: ${said} ${UNKNOWN[name].en}.`, `--${name} : ${said} ${UNKNOWN[name].fr}.`)
}

const UNKNOWN = {
  from: {
    en: 'is no establishment of the region file within reach',
    fr: "n'est pas un établissement du fichier de région à votre portée",
  },
  to: {
    en: 'is no establishment or destination of the region file within reach',
    fr: "n'est ni un établissement ni un destinataire du fichier de région à votre portée",
  },
  kind: {
    en: 'is no kind: ADT^A01, ADT^* for all of a type, ServiceRequest, Bundle:transaction',
    fr: "n'est pas un type : ADT^A01, ADT^* pour tous ceux d'un type, ServiceRequest, Bundle:transaction",
  },
} as const satisfies Record<UnknownName, Bilingual>

function deliveriesText(deliveries: readonly DeliverySummary[]): string {
  return deliveries.map(({ destination, state }) => `${destination} ${state}`).join(', ')
}

function row(message: MessageSummary): string {
  const { receivedAt, id, from, kind, controlId, state, deliveries } = message
  const cells = [receivedAt, id, (from ?? '-').padEnd(16), kind.padEnd(8), controlId.padEnd(16), state.padEnd(8)]
  return plain(`${cells.join('  ')}  ${deliveriesText(deliveries)}`)
}

/** The options that choose messages, for every command that does. */
export const FILTER_OPTIONS = {
  'control-id': { type: 'string', value: 'MSH-10', help: { en: 'with this MSH-10', fr: 'portant ce MSH-10' } },
  from: { type: 'string', value: 'ID', help: { en: 'sent by this establishment', fr: 'émis par cet établissement' } },
  to: {
    type: 'string',
    value: 'EST[/NAME]',
    help: { en: 'with a delivery to there', fr: 'destinés à cet établissement ou destinataire' },
  },
  kind: { type: 'string', value: 'KIND', help: { en: 'ADT^A01, or ADT^*', fr: 'ADT^A01, ou ADT^*' } },
  state: {
    type: 'string',
    value: 'STATE',
    help: { en: 'parked, inFlight or closed', fr: 'parked, inFlight ou closed' },
  },
  finding: { type: 'string', value: 'CODE', help: { en: 'with this finding', fr: 'portant ce constat' } },
  code: { type: 'string', value: 'CODE', help: { en: 'last error of a delivery', fr: "dernière erreur d'un envoi" } },
  'min-bytes': { type: 'string', value: 'N', help: { en: 'at least this large', fr: 'de cette taille au moins' } },
  'max-bytes': { type: 'string', value: 'N', help: { en: 'at most this large', fr: 'de cette taille au plus' } },
  since: { type: 'string', value: 'TIME', help: { en: 'received since (ISO 8601)', fr: 'reçus depuis (ISO 8601)' } },
  until: { type: 'string', value: 'TIME', help: { en: 'received until (ISO 8601)', fr: "reçus jusqu'à (ISO 8601)" } },
  entrance: { type: 'string', value: 'NAME', help: { en: 'came in by this door', fr: 'entrés par cette porte' } },
  test: { type: 'string', value: 'true|false', help: { en: 'tests, or not', fr: 'messages de test, ou non' } },
  'patient-file': {
    type: 'string',
    value: 'FILE',
    help: {
      en: 'of the patient whose authority|identifier stands in this file',
      fr: 'du patient dont autorité|identifiant est dans ce fichier',
    },
  },
} as const satisfies Command['options']

/** `messages`: the list, newest first. */
export const messagesCommand: Command = {
  name: 'messages',
  positionals: [],
  summary: { en: 'lists messages, newest first', fr: 'liste les messages, le plus récent en tête' },
  options: {
    ...FILTER_OPTIONS,
    limit: { type: 'string', value: 'N', help: { en: '1 to 500, default 50', fr: '1 à 500, défaut 50' } },
    after: { type: 'string', value: 'NEXT', help: { en: 'the page after this one', fr: 'la page qui suit' } },
    store: OPTIONS.store,
    url: OPTIONS.url,
  },
  async run(call) {
    const after = text(call, 'after')
    const filter: MessageFilter = {
      ...(await filterOf(call)),
      limit: whole(call, 'limit', 1, 500) ?? 50,
      ...(after === undefined ? {} : { after }),
    }
    const { reach } = await import('./reach.ts')
    const gateway = await reach(call)
    try {
      const page = await gateway.messages(filter)
      refuseUnknown(page, filter, call)
      if (call.json) call.io.out(`${JSON.stringify(page)}\n`)
      else {
        for (const message of page.messages) call.io.out(`${row(message)}\n`)
        if (page.messages.length === 0) call.io.err({ en: 'no message\n', fr: 'aucun message\n' }[call.language])
        if (page.next !== null) call.io.err(`--after ${page.next}\n`)
      }
      return 0
    } finally {
      await gateway.close()
    }
  },
}
