import { type ErrorCode, GatewayError } from '../../core/errors.ts'
import { HELP_EN } from '../../core/help-en.ts'
import { HELP_FR } from '../../core/help-fr.ts'
import type { PauseResult, TestResult } from '../../core/operations.ts'
import { reasonOf } from './acts.ts'
import { type Call, type Command, OPTIONS, ProblemError, plain, UsageError } from './command.ts'

const ACTS = ['pause', 'resume', 'test'] as const

function sentence(result: PauseResult | TestResult, { language }: Call): string {
  if ('paused' in result) {
    const { destination, paused } = result
    return {
      en: `${destination}: ${paused ? 'paused' : 'goes on'}`,
      fr: `${destination} : ${paused ? 'en pause' : 'reprise'}`,
    }[language]
  }
  const { destination, ok, step, code, detail, ms } = result
  if (ok)
    return { en: `${destination}: works (${step}, ${ms} ms)`, fr: `${destination} : répond (${step}, ${ms} ms)` }[
      language
    ]
  const catalogue: Readonly<Record<ErrorCode, string>> = language === 'fr' ? HELP_FR : HELP_EN
  const facts = [step, code, detail].filter((fact) => fact !== null).join(', ')
  return `${destination}: ${code === null ? '' : catalogue[code]} (${facts})`
}

/** A fault that is about the name itself says so: which one, and what is asked of those that cannot be tried so. */
function named(fault: unknown, id: string, act: string, { language }: Call): unknown {
  const code = fault instanceof GatewayError || fault instanceof ProblemError ? fault.code : null
  if (code === 'NOT_FOUND') {
    const en = `NOT_FOUND: ${plain(id)} is no destination of the running configuration (EST/NAME).`
    const fr = `NOT_FOUND: ${plain(id)} n'est pas un destinataire de la configuration en service (ÉTAB/NOM).`
    return new ProblemError({ en, fr }[language], code)
  }
  if (code !== 'BAD_REQUEST' || act !== 'test' || !id.startsWith('mail/')) return fault
  const doctor = `passerelle mail doctor ${plain(id.slice('mail/'.length))}`
  const en = `A mail destination is tried by ${doctor}.`
  return new ProblemError({ en, fr: `Un destinataire de courrier s'essaie par ${doctor}.` }[language], code)
}

/** `destination pause|resume|test EST/NAME`. Exit 1 when a test fails. */
export const destinationCommand: Command = {
  name: 'destination',
  positionals: ['pause|resume|test', 'EST/NAME'],
  summary: { en: 'pauses, resumes or tests a destination', fr: 'met en pause, reprend ou teste un destinataire' },
  options: { reason: OPTIONS.reason, region: OPTIONS.region, store: OPTIONS.store, url: OPTIONS.url },
  async run(call) {
    const [wanted, id = ''] = call.positionals
    const act = ACTS.find((one) => one === wanted)
    if (act === undefined) throw new UsageError(`passerelle destination ${ACTS.join('|')} EST/NAME`)
    const reason = reasonOf(call)
    const { operations } = await import('./operations.ts')
    const gateway = await operations(call)
    try {
      const result = await gateway.destination(act, id, reason).catch((fault: unknown) => {
        throw named(fault, id, act, call)
      })
      call.io.out(call.json ? `${JSON.stringify(result)}\n` : `${plain(sentence(result, call))}\n`)
      return 'ok' in result && !result.ok ? 1 : 0
    } finally {
      await gateway.close()
    }
  },
}
