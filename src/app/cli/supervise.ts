import { durationMs } from '../../core/units.ts'
import { type Call, type Command, regionPath, storeOf, text, UsageError } from './command.ts'
import { startCommand } from './start.ts'

const LONGEST_MS = 86_400_000
/** The schema of a large store may have to grow first, so that a start takes minutes. */
const READY_WITHIN = '10 min'

/** How long a new gateway may take to open its doors (ms). @throws {UsageError} when the option is no duration above 0 */
function readyWithin(call: Call): number {
  try {
    const ms = durationMs(text(call, 'ready-within') ?? READY_WITHIN)
    if (ms > 0 && ms <= LONGEST_MS) return ms
  } catch {}
  throw new UsageError(
    {
      en: '--ready-within takes a duration from 1 ms to 24 h, such as "10 min".',
      fr: '--ready-within attend une durée de 1 ms à 24 h, telle que « 10 min ».',
    }[call.language],
  )
}

/** `supervise`: holds the doors' sockets and keeps a gateway on them, which SIGUSR2 replaces without a reset. */
export const superviseCommand: Command = {
  name: 'supervise',
  positionals: [],
  summary: {
    en: 'keeps a gateway running; SIGUSR2 replaces it, and no connection is refused',
    fr: 'maintient la plateforme en marche ; SIGUSR2 la remplace sans refuser de connexion',
  },
  options: {
    ...startCommand.options,
    'ready-within': {
      type: 'string',
      value: 'DURATION',
      help: {
        en: `on PostgreSQL: time a new gateway has to open its doors before the old one goes on (default ${READY_WITHIN})`,
        fr: `avec PostgreSQL : délai laissé à la nouvelle plateforme pour ouvrir ses portes, sinon l'ancienne continue (défaut : ${READY_WITHIN})`,
      },
    },
  },
  async run(call) {
    const { supervise } = await import('../supervise.ts')
    const args = Object.entries(call.values)
      .filter(([name]) => name in startCommand.options)
      .flatMap(([name, value]) => (value === true ? [`--${name}`] : [`--${name}=${value}`]))
    return supervise({
      region: regionPath(call),
      args,
      simulate: call.values.simulate === true,
      overlap: storeOf(call).kind === 'postgres',
      readyMs: readyWithin(call),
      language: call.language,
    })
  },
}
