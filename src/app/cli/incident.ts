import { type Call, type Command, OPTIONS, spanOption, text, UsageError } from './command.ts'

function listed(call: Call, name: string): readonly string[] {
  const parts = (text(call, name) ?? '').split(',').map((one) => one.trim())
  return parts.filter((one) => one !== '')
}

/** `incident export [FILE]`: facts, scope and timeline of a security incident. */
export const incidentCommand: Command = {
  name: 'incident',
  positionals: ['export', '[FILE]'],
  summary: {
    en: 'facts, scope and timeline of a security incident',
    fr: "faits, étendue et chronologie d'un incident de sécurité",
  },
  options: {
    since: { type: 'string', value: 'TIME', help: { en: 'from then on (needed)', fr: 'à partir de là (obligatoire)' } },
    until: { type: 'string', value: 'TIME', help: { en: 'up to then (needed)', fr: 'jusque-là (obligatoire)' } },
    establishments: { type: 'string', value: 'A,B', help: { en: 'only these', fr: 'seulement ceux-là' } },
    actors: { type: 'string', value: 'A,B', help: { en: 'only these people', fr: 'seulement ces personnes' } },
    reason: OPTIONS.reason,
    store: OPTIONS.store,
    url: OPTIONS.url,
  },
  async run(call) {
    const [what, file] = call.positionals
    const { sinceMs, untilMs } = spanOption(call)
    if (what !== 'export' || sinceMs === undefined || untilMs === undefined) {
      throw new UsageError('passerelle incident export [FILE] --since TIME --until TIME --reason TEXT')
    }
    const ask = { sinceMs, untilMs, establishments: listed(call, 'establishments'), actors: listed(call, 'actors') }
    return (await import('./audit-report.ts')).incidentReport(call, file, ask)
  },
}
