import { HELP_EN } from '../../core/help-en.ts'
import { HELP_FR } from '../../core/help-fr.ts'
import type { DoctorHost, DoctorReport } from '../../core/mail-doctor.ts'
import { type Call, type Command, OPTIONS, plain, UsageError } from './command.ts'
import { runningGateway } from './running.ts'

/**
 * `mail doctor DOMAIN`: the way to another mail operator, tried up to where a mail would begin. `mail indicators`: the figures
 * of months. */
export const mailCommand: Command = {
  name: 'mail',
  positionals: ['doctor|indicators', '[DOMAIN]'],
  summary: {
    en: 'tries the way to the mail operator of a domain and names the rule that fails; tells the figures of months',
    fr: "essaie le chemin vers l'opérateur d'un domaine et nomme la règle qui échoue ; donne les indicateurs mensuels",
  },
  options: {
    region: OPTIONS.region,
    store: OPTIONS.store,
    url: OPTIONS.url,
    month: {
      type: 'string',
      value: 'YYYY-MM',
      help: { en: 'indicators: this month alone', fr: 'indicators : ce mois seulement' },
    },
    csv: { type: 'boolean', help: { en: 'indicators: as a file', fr: 'indicators : en CSV' } },
  },
  async run(call) {
    const [what, domain] = call.positionals
    if (what === 'indicators' && domain === undefined) {
      const { tellIndicators } = await import('./mail-indicators.ts')
      return tellIndicators(call)
    }
    if (what !== 'doctor' || domain === undefined) {
      throw new UsageError('passerelle mail doctor DOMAIN | indicators [--month YYYY-MM] [--csv|--json]')
    }
    const instead = { en: 'start it.', fr: 'démarrez-la.' }[call.language]
    const gateway = await runningGateway(call, instead)
    const report = await gateway.need<DoctorReport>('POST', '/api/mail/doctor', { domain })
    if (call.json) call.io.out(`${JSON.stringify(report)}\n`)
    else tell(report, call)
    return report.code === null ? 0 : 1
  },
}

function tell({ domain, code, listed, hosts }: DoctorReport, call: Call): void {
  const say = (en: string, fr: string): void => call.io.out(`${plain({ en, fr }[call.language])}\n`)
  const named = listed.length === 0 ? { en: 'no certificate', fr: 'aucun certificat' } : null
  say(
    `${domain}: the white list names ${named?.en ?? listed.join(' | ')}`,
    `${domain} : la liste blanche nomme ${named?.fr ?? listed.join(' | ')}`,
  )
  for (const text of hosts.flatMap((host) => lines(host, call))) call.io.out(`${plain(text)}\n`)
  if (code === null) say('Mail would be taken.', 'Le courrier serait pris.')
  else say(`${code}: ${HELP_EN[code]}`, `${code} : ${HELP_FR[code]}`)
}

/** A host: where mail stands there, and below it what it showed. */
function lines({ host, port, code, answer, subject, tls, extensions, ms }: DoctorHost, call: Call): readonly string[] {
  const help = call.language === 'fr' ? HELP_FR : HELP_EN
  const verdict = code === null ? 'OK' : `${code} ${help[code]}`
  const facts = [tls, subject, extensions.join(' '), answer].filter((one) => one !== null && one !== '')
  return [`  ${host}:${port}  ${ms} ms  ${verdict}`, ...facts.map((fact) => `      ${fact}`)]
}
