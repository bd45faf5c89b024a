import type { DestinationId } from '../../core/message.ts'
import type { ReplayAsk, ReplayStep } from '../../core/operations.ts'
import { reasonOf } from './acts.ts'
import { type Call, type Command, OPTIONS, ProblemError, plain, text, UsageError } from './command.ts'
import { FILTER_OPTIONS, filterOf, refuseUnknown } from './messages.ts'
import { progressBar } from './progress.ts'
import type { Reach } from './reach.ts'

const { to: _elsewhere, ...FILTERS } = FILTER_OPTIONS

/** Steps added up. */
type Total = Omit<ReplayStep, 'next'>

function added(total: Total, step: ReplayStep): Total {
  const sum = <K extends string>(a: Readonly<Partial<Record<K, number>>>, b: Readonly<Partial<Record<K, number>>>) => {
    const all = { ...a } as Record<K, number>
    for (const [key, n] of Object.entries(b) as [K, number][]) all[key] = (all[key] ?? 0) + n
    return all
  }
  return {
    dryRun: step.dryRun,
    messages: total.messages + step.messages,
    deliveries: sum(total.deliveries, step.deliveries),
    doubles: total.doubles + step.doubles,
    skipped: sum(total.skipped, step.skipped),
  }
}

/** Every step of a replay; where one fails, `--after` goes on from there. */
async function steps(gateway: Reach, first: ReplayAsk, call: Call): Promise<Total> {
  const bar = progressBar(call)
  let total: Total = { dryRun: first.dryRun, messages: 0, deliveries: {}, doubles: 0, skipped: {} }
  let ask = first
  try {
    for (;;) {
      const step = await gateway.replayMany(ask)
      total = added(total, step)
      if (step.next === null) return total
      ask = { ...ask, after: step.next }
      const [at = 0, newest = 0] = step.next.split('.').map(Number)
      bar.show(at, newest)
    }
  } catch (error) {
    bar.end()
    if (ask.after !== null && ask.after !== first.after) {
      if (call.json && error instanceof ProblemError)
        throw new ProblemError(error.message, error.code, { ...error.also, after: ask.after })
      call.io.err(`--after ${ask.after}\n`)
    }
    throw error
  } finally {
    bar.end()
  }
}

function tell(call: Call, { dryRun, messages, deliveries, doubles, skipped }: Total): void {
  for (const [destination, n] of Object.entries(deliveries)) call.io.out(`${plain(`${destination}  ${n}`)}\n`)
  for (const [why, n] of Object.entries(skipped)) call.io.err(`${why} ${n}\n`)
  call.io.err(
    {
      en: `${messages} messages${dryRun ? ' would go' : ''}; ${doubles} deliveries to where they arrived before\n`,
      fr: `${messages} messages${dryRun ? ' partiraient' : ''} ; ${doubles} remises là où ils sont déjà arrivés\n`,
    }[call.language],
  )
}

const NOT_AGAIN = {
  en: 'not sent again; what it caused inside (cases, mails) is replayed separately',
  fr: 'pas de nouveau ; ce qu’il a causé en interne (dossiers, courriers) se rejoue à part',
}

async function one(
  gateway: Reach,
  id: string,
  ask: { to: DestinationId | null; dryRun: boolean; reason: string },
  call: Call,
) {
  const result = await gateway.replay(id, ask)
  if (call.json) call.io.out(`${JSON.stringify(result)}\n`)
  else
    for (const { destination, id: made } of result.deliveries)
      call.io.out(`${plain(`${destination}  ${made ?? '-'}`)}\n`)
  for (const destination of result.left ?? []) call.io.err(`${plain(destination)}: ${NOT_AGAIN[call.language]}\n`)
}

/** `replay`: sends a message again, or all that a filter finds, in the order they came. */
export const replayCommand: Command = {
  name: 'replay',
  positionals: ['[ID]'],
  summary: {
    en: 'sends a message again, or all that the filters find, as new deliveries',
    fr: 'renvoie un message, ou tous ceux que retiennent les filtres, par de nouvelles remises',
  },
  options: {
    reason: OPTIONS.reason,
    to: { type: 'string', value: 'EST/NAME', help: { en: 'to this destination only', fr: 'à ce seul destinataire' } },
    'dry-run': { type: 'boolean', help: { en: 'only shows what would go', fr: 'simule : montre ce qui partirait' } },
    ...FILTERS,
    after: {
      type: 'string',
      value: 'PLACE',
      help: { en: 'goes on where it stopped', fr: "reprend où il s'est arrêté" },
    },
    store: OPTIONS.store,
    url: OPTIONS.url,
  },
  async run(call) {
    const reason = reasonOf(call)
    const { to: _to, ...filter } = await filterOf(call)
    const [id] = call.positionals
    const only = id !== undefined && text(call, 'after') !== undefined
    if (only || (id === undefined) === (Object.keys(filter).length === 0)) {
      throw new UsageError(
        { en: 'replay takes an ID or filters.', fr: 'replay prend un ID ou des filtres.' }[call.language],
      )
    }
    const ask = { to: text(call, 'to') ?? null, dryRun: call.values['dry-run'] === true, reason }
    const { reach } = await import('./reach.ts')
    const gateway = await reach(call)
    try {
      if (id !== undefined) await one(gateway, id, ask, call)
      else {
        if (filter.from !== undefined || filter.kind !== undefined) {
          refuseUnknown(await gateway.messages({ ...filter, limit: 1 }), filter, call)
        }
        const total = await steps(gateway, { ...ask, filter, after: text(call, 'after') ?? null }, call)
        if (call.json) call.io.out(`${JSON.stringify(total)}\n`)
        else tell(call, total)
      }
      return 0
    } finally {
      await gateway.close()
    }
  },
}
