import { setTimeout as wait } from 'node:timers/promises'
import { problemLine } from '../region-problems.ts'
import { type Command, OPTIONS, ProblemError, regionPath, text, UsageError } from './command.ts'
import { progressBar } from './progress.ts'

/** `demo`: a minute of invented regional traffic through the doors of the running demo region. */
export const demoCommand: Command = {
  name: 'demo',
  positionals: [],
  summary: {
    en: 'posts a minute of invented traffic to the running demo region',
    fr: 'envoie une minute de trafic inventé à la région de démonstration en marche',
  },
  options: {
    region: OPTIONS.region,
    seconds: { type: 'string', value: 'N', help: { en: 'how long (default 60)', fr: 'durée (défaut : 60)' } },
    rate: {
      type: 'string',
      value: 'N',
      help: { en: 'messages per second (default 10)', fr: 'messages par seconde (défaut : 10)' },
    },
  },
  async run(call) {
    const number = (name: string, otherwise: string, most: number): number => {
      const given = Number(text(call, name) ?? otherwise)
      if (given > 0 && given <= most) return given
      throw new UsageError({ en: `--${name} is 1 to ${most}.`, fr: `--${name} va de 1 à ${most}.` }[call.language])
    }
    const seconds = number('seconds', '60', 3_600)
    const perSecond = number('rate', '10', 500)
    const [{ readRegion, compileConfig }, { runDemo }] = await Promise.all([
      import('../config/index.ts'),
      import('../demo/run.ts'),
    ])
    const path = regionPath(call)
    const { node, shared, problems } = await readRegion(path, call.env, { missingMaterial: 'warning' })
    const errors = problems.filter(({ severity }) => severity === 'error')
    if (errors.length > 0) {
      throw new ProblemError(errors.map((one) => problemLine(path, one)).join('\n'), 'CONFIG_INVALID', {
        problems: errors,
      })
    }
    const mllp = node?.mllp.find(({ tls }) => tls === null)
    const http = node?.http.find(({ tls }) => tls === null)
    if (!mllp || !http || shared === null) {
      const en = 'No plain doors can be read in the region file: start the demo region first (npm start).'
      const fr =
        "Pas de portes en clair dans le fichier de région : démarrez d'abord la région de démonstration (npm start)."
      throw new ProblemError({ en, fr }[call.language])
    }
    const bar = progressBar(call)
    const counts = await runDemo({
      places: { mllp, http: `http://${http.host}:${http.port}` },
      seconds,
      perSecond,
      timeZone: compileConfig(shared, 0, () => '').region.timeZone,
      run: `DEMO${Date.now().toString(36).toUpperCase()}`,
      nowMs: Date.now,
      wait,
      progress: bar.show,
    })
    bar.end()
    const sum = (key: 'posted' | 'lost' | 'unexpected') => counts.reduce((all, one) => all + one[key], 0)
    const unanswered = sum('lost') === sum('posted')
    if (call.json) {
      if (!unanswered) call.io.out(`${JSON.stringify({ doors: counts })}\n`)
    } else {
      const head = {
        en: ['door', 'posted', 'accepted', 'refused', 'no answer'],
        fr: ['porte', 'envoyés', 'acceptés', 'refusés', 'sans réponse'],
      }
      const rows = counts.map(({ door, posted, accepted, refused, lost }) => [door, posted, accepted, refused, lost])
      for (const row of [head[call.language], ...rows]) {
        call.io.out(
          `${row.map((cell, i) => (i === 0 ? String(cell).padEnd(6) : String(cell).padStart(13))).join('')}\n`,
        )
      }
    }
    if (unanswered) {
      const en = 'Nobody answered: start the demo region first (npm start).'
      const fr = "Personne n'a répondu : démarrez d'abord la région de démonstration (npm start)."
      throw new ProblemError({ en, fr }[call.language], 'COMMAND_FAILED', { doors: counts })
    }
    return sum('lost') + sum('unexpected') === 0 ? 0 : 1
  },
}
