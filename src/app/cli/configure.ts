import { HELP_EN } from '../../core/help-en.ts'
import { HELP_FR } from '../../core/help-fr.ts'
import { type Applied, type ConfigAsk, ConfigRefused, type Plan, type PlanChange } from '../../core/operations.ts'
import { problemLine } from '../region-problems.ts'
import { reasonOf } from './acts.ts'
import { type Bilingual, type Call, type Command, OPTIONS, ProblemError, plain, regionPath } from './command.ts'

const OPTIONS_OF_ALL = { store: OPTIONS.store, url: OPTIONS.url } as const
const PARK = {
  type: 'boolean',
  help: {
    en: 'parks open deliveries whose destination goes, instead of refusing',
    fr: 'met de côté les remises dont le destinataire disparaît, au lieu de refuser',
  },
} as const

/** The region file, checked as `check` does; what is only a warning is told. @throws {ProblemError} with every error when it has some */
async function askOf(call: Call): Promise<ConfigAsk> {
  const { readRegion } = await import('../config/index.ts')
  const path = regionPath(call)
  const { problems, shared, own } = await readRegion(path, call.env, { missingMaterial: 'warning' })
  if (shared !== null) {
    if (!call.json) for (const problem of problems) call.io.err(`${problemLine(path, problem)}\n`)
    return { shared, own }
  }
  const errors = problems.filter(({ severity }) => severity === 'error')
  const lines = errors.map((problem) => problemLine(path, problem))
  throw new ProblemError(lines.join('\n'), 'CONFIG_INVALID', { problems: errors })
}

/** A refusal with what is in its way: those lines stand before its sentence, or beside it with `--json`. */
function refused(fault: unknown, call: Call): unknown {
  const told = fault instanceof ConfigRefused ? fault.plan : fault instanceof ProblemError ? fault.also : null
  const code = told === null ? null : (fault as ConfigRefused | ProblemError).code
  if (told === null || (code !== 'CONFIG_INVALID' && code !== 'CONFIG_ORPHANS')) return fault
  const { problems = [], orphans = [] } = told as Partial<Pick<Plan, 'problems' | 'orphans'>>
  const help = (call.language === 'fr' ? HELP_FR : HELP_EN)[code]
  const lines = planLines({ ...NOTHING, problems, orphans }, call.language)
  return new ProblemError(call.json ? help : [...lines, `${code}: ${help}`].join('\n'), code, { problems, orphans })
}

async function using<T>(call: Call, work: (gateway: import('./operations.ts').Operations) => Promise<T>): Promise<T> {
  const { operations } = await import('./operations.ts')
  const gateway = await operations(call)
  try {
    return await work(gateway)
  } catch (fault) {
    throw refused(fault, call)
  } finally {
    await gateway.close()
  }
}

const NOTHING: Plan = { revision: null, same: false, changes: [], affected: [], orphans: [], problems: [], restart: [] }
const SIGNS: Readonly<Record<PlanChange['what'], string>> = { added: '+', removed: '-', changed: '~', moved: '>' }

/** A plan as lines for a person; none when nothing changes. Pure. */
export function planLines(plan: Plan, language: Call['language']): string[] {
  const say = (words: Bilingual): string => words[language]
  return [
    ...plan.problems.map(({ severity, at, code, message }) => `${severity} ${code} ${at}: ${message}`),
    ...plan.changes.flatMap(({ part, name, what, settings }) => [
      `${SIGNS[what]} ${part} ${name}`,
      ...settings.map(({ at, from, to }) => `    ${at}: ${from ?? '-'} → ${to ?? '-'}`),
    ]),
    ...plan.affected.map(({ destination, open, parked }) =>
      say({
        en: `! ${destination}: ${open} open, ${parked} parked deliveries`,
        fr: `! ${destination} : ${open} remises en cours, ${parked} mises de côté`,
      }),
    ),
    ...plan.orphans.map((id) =>
      say({
        en: `! ${id} goes while deliveries to it are open: refused without --park`,
        fr: `! ${id} disparaît alors que des remises l'attendent : refusé sans --park`,
      }),
    ),
    ...plan.restart.map((part) =>
      say({
        en: `! ${part} changes at the next start of the node`,
        fr: `! ${part} changera au prochain démarrage du nœud`,
      }),
    ),
  ].map(plain)
}

function show(call: Call, plan: Plan): void {
  for (const line of planLines(plan, call.language)) call.io.out(`${line}\n`)
  if (plan.same) call.io.err({ en: 'nothing changes\n', fr: 'rien ne change\n' }[call.language])
}

function done(call: Call, applied: Applied): 0 {
  if (call.json) call.io.out(`${JSON.stringify(applied)}\n`)
  else {
    show(call, applied.plan)
    const { revision, parked } = applied
    call.io.err(
      {
        en: `revision ${revision} runs${parked > 0 ? `; ${parked} deliveries parked` : ''}\n`,
        fr: `la révision ${revision} est en service${parked > 0 ? ` ; ${parked} remises mises de côté` : ''}\n`,
      }[call.language],
    )
  }
  return 0
}

/** `plan`: what `apply` would do, exactly; exit 1 when it would be refused. */
export const planCommand: Command = {
  name: 'plan',
  positionals: [],
  summary: { en: 'shows what apply would change', fr: 'montre ce que apply changerait' },
  options: { region: OPTIONS.region, ...OPTIONS_OF_ALL },
  async run(call) {
    const ask = await askOf(call)
    const plan = await using(call, (gateway) => gateway.plan(ask))
    if (call.json) call.io.out(`${JSON.stringify(plan)}\n`)
    else show(call, plan)
    return plan.orphans.length > 0 || plan.problems.some(({ severity }) => severity === 'error') ? 1 : 0
  },
}

/** `apply`: makes the region file the running configuration, without a restart. */
export const applyCommand: Command = {
  name: 'apply',
  positionals: [],
  summary: { en: 'makes the region file the running configuration', fr: 'met en service le fichier de région' },
  options: { region: OPTIONS.region, reason: OPTIONS.reason, park: PARK, ...OPTIONS_OF_ALL },
  async run(call) {
    const how = { park: call.values.park === true, reason: reasonOf(call) }
    const ask = await askOf(call)
    return done(call, await using(call, (gateway) => gateway.apply(ask, how)))
  },
}

/** `rollback`: the configuration before this one, as a new revision. */
export const rollbackCommand: Command = {
  name: 'rollback',
  positionals: [],
  summary: { en: 'goes back to the configuration before', fr: 'revient à la configuration précédente' },
  options: { reason: OPTIONS.reason, park: PARK, ...OPTIONS_OF_ALL },
  async run(call) {
    const how = { park: call.values.park === true, reason: reasonOf(call) }
    return done(call, await using(call, (gateway) => gateway.rollback(how)))
  },
}
