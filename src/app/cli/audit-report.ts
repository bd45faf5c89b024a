import { userInfo } from 'node:os'
import { csvOf, type ToldEvent, tellingTo, told } from '../../console/page/audit/telling.ts'
import type { AuditFoundEvent, Incident, IncidentAsk, PatientReport } from '../../core/audit.ts'
import type { Journal } from '../../core/journal.ts'
import { auditReports } from '../../pipeline/audit/reports.ts'
import { auditViews } from '../../pipeline/audit/views.ts'
import { reasonOf } from './acts.ts'
import { sealAll, writeExport } from './audit.ts'
import { type Call, plain } from './command.ts'
import { machineClock } from './machine.ts'
import { openStore } from './open-store.ts'
import { patientsOf } from './patient.ts'
import { reachBy, storedConfig } from './reach.ts'
import { gatewayAt } from './remote.ts'

/** A report with its events in plain words. */
type Told<Report> = Omit<Report, 'events' | 'timeline'> & { readonly events: readonly ToldEvent[] }

async function onStore<T>(call: Call, work: (journal: Journal) => Promise<T>): Promise<T> {
  const journal = await openStore(call, 'open')
  try {
    await sealAll(journal)
    return await work(journal)
  } finally {
    await journal.close()
  }
}

function tellAll(events: readonly AuditFoundEvent[], journal: Journal, call: Call): readonly ToldEvent[] {
  const telling = tellingTo({ language: call.language, config: storedConfig(journal)() })
  return events.map((event) => told(event, telling))
}

const who = () => `cli:${userInfo().username}`

/** `audit report [FILE]`: who saw or did what about a patient; a FILE that ends in `.csv` is written as such, else as JSON. */
export async function patientReport(call: Call, file: string | undefined): Promise<number> {
  const [reason, patients] = [reasonOf(call), await patientsOf(call)]
  const report = await reachBy<Told<PatientReport>>(
    call,
    () =>
      onStore(call, async (journal) => {
        const names = await auditViews({ journal, clock: machineClock }).patients(patients)
        const found = await auditReports({ journal, clock: machineClock }).patient(names, who(), reason)
        return { ...found, events: tellAll(found.events, journal, call) }
      }),
    (url) => gatewayAt(url, call).need('POST', '/api/audit/report', { patients, reason }),
  )
  await giveReport(report, file, call)
  return 0
}

/** What happened in a time, for the declaration of an incident. */
export async function incidentReport(call: Call, file: string | undefined, ask: IncidentAsk): Promise<number> {
  const reason = reasonOf(call)
  const { sinceMs, untilMs, ...of } = ask
  const span = { since: new Date(sinceMs).toISOString(), until: new Date(untilMs).toISOString() }
  const report = await reachBy<Told<Incident>>(
    call,
    () =>
      onStore(call, async (journal) => {
        const { timeline, ...found } = await auditReports({ journal, clock: machineClock }).incident(ask, who(), reason)
        return { ...found, events: tellAll(timeline, journal, call) }
      }),
    async (url) => {
      const { timeline, ...found } = await gatewayAt(url, call).need<
        Omit<Incident, 'timeline'> & { timeline: ToldEvent[] }
      >('POST', '/api/incident/export', { ...span, ...of, reason })
      return { ...found, events: timeline }
    },
  )
  await giveReport(report, file, call)
  // A slip in a name would read as a site that nothing happened to.
  for (const name of ask.establishments.filter((one) => !report.establishments.includes(one))) {
    const said = {
      en: 'no event of this time is of this establishment',
      fr: "aucun événement de cette période n'est de cet établissement",
    }
    if (!call.json) call.io.err(`${plain(name)}: ${said[call.language]}\n`)
  }
  return 0
}

async function giveReport(
  report: { readonly events: readonly ToldEvent[] },
  file: string | undefined,
  call: Call,
): Promise<void> {
  const json = `${JSON.stringify(report)}\n`
  if (file !== undefined) {
    const text = file.endsWith('.csv') ? csvOf(report.events) : json
    await writeExport(file, pieces(text), call)
  } else if (call.json) call.io.out(json)
  else for (const { sentence } of report.events) call.io.out(`${plain(sentence)}\n`)
  const n = report.events.length
  if (!call.json) call.io.err({ en: `${n} events\n`, fr: `${n} événements\n` }[call.language])
}

async function* pieces(text: string) {
  yield text
}
