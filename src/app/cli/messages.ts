import type { MessageState } from '../../core/message.ts'
import type { DeliverySummary, MessageFilter, MessageSummary } from '../../core/views.ts'
import { type Call, type Command, OPTIONS, plain, text, UsageError } from './command.ts'

const STATES: readonly string[] = ['parked', 'inFlight', 'closed'] satisfies MessageState[]

function isState(value: string): value is MessageState {
  return STATES.includes(value)
}

function filterOf(call: Call): MessageFilter {
  const since = text(call, 'since')
  const state = text(call, 'state')
  const limit = Number(text(call, 'limit') ?? '50')
  const sinceMs = since === undefined ? undefined : Date.parse(since)
  if (sinceMs !== undefined && Number.isNaN(sinceMs)) {
    throw new UsageError(
      { en: '--since takes an ISO 8601 time.', fr: '--since attend une date ISO 8601.' }[call.language],
    )
  }
  if (state !== undefined && !isState(state)) {
    throw new UsageError(
      { en: `--state is one of ${STATES.join(', ')}.`, fr: `--state vaut ${STATES.join(', ')}.` }[call.language],
    )
  }
  if (!Number.isInteger(limit) || limit < 1 || limit > 500) {
    throw new UsageError({ en: '--limit is 1 to 500.', fr: '--limit va de 1 à 500.' }[call.language])
  }
  const controlId = text(call, 'control-id')
  const from = text(call, 'from')
  const kind = text(call, 'kind')
  const after = text(call, 'after')
  return {
    limit,
    ...(controlId === undefined ? {} : { controlId }),
    ...(from === undefined ? {} : { from }),
    ...(kind === undefined ? {} : { kind }),
    ...(state === undefined ? {} : { state }),
    ...(sinceMs === undefined ? {} : { sinceMs }),
    ...(after === undefined ? {} : { after }),
  }
}

function deliveriesText(deliveries: readonly DeliverySummary[]): string {
  return deliveries.map(({ destination, state }) => `${destination} ${state}`).join(', ')
}

function row(message: MessageSummary): string {
  const { receivedAt, id, from, kind, controlId, state, deliveries } = message
  const cells = [receivedAt, id, (from ?? '-').padEnd(16), kind.padEnd(8), controlId.padEnd(16), state.padEnd(8)]
  return plain(`${cells.join('  ')}  ${deliveriesText(deliveries)}`)
}

/** `messages`: the list, newest first. */
export const messagesCommand: Command = {
  name: 'messages',
  positionals: [],
  summary: { en: 'lists messages, newest first', fr: 'liste les messages, le plus récent en tête' },
  options: {
    'control-id': { type: 'string', value: 'MSH-10', help: { en: 'with this MSH-10', fr: 'portant ce MSH-10' } },
    from: { type: 'string', value: 'ID', help: { en: 'sent by this establishment', fr: 'émis par cet établissement' } },
    kind: { type: 'string', value: 'KIND', help: { en: 'ADT^A01, or ADT^*', fr: 'ADT^A01, ou ADT^*' } },
    state: {
      type: 'string',
      value: 'STATE',
      help: { en: 'parked, inFlight or closed', fr: 'parked, inFlight ou closed' },
    },
    since: { type: 'string', value: 'TIME', help: { en: 'received since (ISO 8601)', fr: 'reçus depuis (ISO 8601)' } },
    limit: { type: 'string', value: 'N', help: { en: '1 to 500, default 50', fr: '1 à 500, défaut 50' } },
    after: { type: 'string', value: 'NEXT', help: { en: 'the page after this one', fr: 'la page qui suit' } },
    store: OPTIONS.store,

    url: OPTIONS.url,
  },
  async run(call) {
    const filter = filterOf(call)
    const { reach } = await import('./reach.ts')
    const gateway = await reach(call)
    try {
      const page = await gateway.messages(filter)
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
