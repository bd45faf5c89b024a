import { HELP_EN } from '../../core/help-en.ts'
import { HELP_FR } from '../../core/help-fr.ts'
import type { DoctorHost, DoctorReport } from '../../core/mail-doctor.ts'
import { type Call, type Command, OPTIONS, plain, UsageError } from './command.ts'
import { runningGateway } from './running.ts'

const USAGE = 'passerelle mail doctor DOMAIN | indicators [--month YYYY-MM] [--csv|--json] | lab DIR [--port N]'

/**
 * `mail doctor DOMAIN`: the way to another mail operator, tried up to where a mail would begin. `mail indicators`: the figures
 * of months. `mail lab DIR`: two operators on one machine. */
export const mailCommand: Command = {
  name: 'mail',
  positionals: ['doctor|indicators|lab', '[DOMAIN|DIR]'],
  summary: {
    en: 'tries the way to the mail operator of a domain, tells the figures of months, or runs two operators on this machine',
    fr: "essaie le chemin vers l'opérateur d'un domaine, donne les indicateurs mensuels, ou fait tourner deux opérateurs ici",
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
    port: {
      type: 'string',
      value: 'N',
      help: {
        en: 'lab: first of its seven ports (default: 2600, or the next that are free)',
        fr: 'lab : premier de ses sept ports (défaut : 2600, ou les suivants qui sont libres)',
      },
    },
  },
  async run(call) {
    const [what, domain] = call.positionals
    if (what === 'indicators' && domain === undefined) {
      const { tellIndicators } = await import('./mail-indicators.ts')
      return tellIndicators(call)
    }
    if ((what !== 'doctor' && what !== 'lab') || domain === undefined) throw new UsageError(USAGE)
    if (what === 'lab') return (await import('./mail-lab.ts')).runLab(domain, call)
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
