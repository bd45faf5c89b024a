import { userInfo } from 'node:os'
import type { ErasePlan, PatientErased, PatientFound } from '../../core/privacy.ts'
import { reasonOf } from './acts.ts'
import { type Call, type Command, OPTIONS, plain, text, UsageError } from './command.ts'
import { PATIENT_OPTIONS, patientsOf } from './patient.ts'
import { type ProgressBar, progressBar } from './progress.ts'

/** The rights of a patient as the command uses them: on the store, or through a running gateway. */
interface PrivacyReach {
  find(): Promise<PatientFound>
  plan(): Promise<ErasePlan>
  erase(mark: string): Promise<PatientErased>
  export(progress: ProgressBar['show']): Promise<AsyncIterable<Uint8Array>>
  close(): Promise<void>
}

async function reachPrivacy(call: Call, patients: readonly string[], reason: string): Promise<PrivacyReach> {
  const [
    { reachBy, storedConfig },
    { openStore },
    { gatewayAt },
    { privacyCommands },
    { casesOfPatients },
    { searchKey },
    { machineClock },
  ] = await Promise.all([
    import('./reach.ts'),
    import('./open-store.ts'),
    import('./remote.ts'),
    import('../../pipeline/privacy/privacy.ts'),
    import('../../telemedicine/store/patient.ts'),
    import('../../pipeline/keys.ts'),
    import('./machine.ts'),
  ])
  return reachBy<PrivacyReach>(
    call,
    async () => {
      const journal = await openStore(call)
      const privacy = privacyCommands({
        ...{ journal, config: storedConfig(journal), clock: machineClock },
        cases: casesOfPatients(journal, (authority, value) => searchKey(journal.secret, authority, value)),
      })
      const who = `cli:${userInfo().username}`
      return {
        find: () => privacy.find(patients, who, reason),
        plan: () => privacy.plan(patients, who, reason),
        erase: (mark) => privacy.erase(patients, mark, who, reason),
        export: (progress) => privacy.export(patients, { who, why: reason, progress }),
        close: () => journal.close(),
      }
    },
    async (url) => {
      const { need, stream } = gatewayAt(url, call)
      const body = { patients, reason }
      return {
        find: () => need('POST', '/api/privacy/find', body),
        plan: () => need('POST', '/api/privacy/erase/plan', body),
        erase: (mark) => need('POST', '/api/privacy/erase', { ...body, mark }),
        export: () => stream('/api/privacy/export', body),
        close: async () => {},
      }
    },
  )
}

/** `privacy find`, `privacy export FILE`, `privacy erase [--mark MARK]`: the rights of a patient. */
export const privacyCommand: Command = {
  name: 'privacy',
  positionals: ['find|export|erase', '[FILE]'],
  summary: {
    en: 'finds, exports or erases what is kept of a patient',
    fr: "trouve, exporte ou efface ce qui est conservé d'un patient",
  },
  options: {
    ...PATIENT_OPTIONS,
    mark: {
      type: 'string',
      value: 'MARK',
      help: {
        en: 'of the dry run: erases exactly what it showed; absent: a dry run',
        fr: "de la simulation : efface exactement ce qu'elle a montré ; absente : une simulation",
      },
    },
    store: OPTIONS.store,
    url: OPTIONS.url,
  },
  async run(call) {
    const [what, file] = call.positionals
    if ((what !== 'find' && what !== 'export' && what !== 'erase') || (what === 'export') === (file === undefined)) {
      throw new UsageError('passerelle privacy find | export FILE | erase [--mark MARK]')
    }
    const [reason, patients] = [reasonOf(call), await patientsOf(call)]
    const privacy = await reachPrivacy(call, patients, reason)
    const bar = progressBar(call)
    try {
      if (what === 'find') return tellFound(await privacy.find(), call)
      if (what === 'export') {
        const { writeExport } = await import('./audit.ts')
        const bytes = await writeExport(file!, await privacy.export(bar.show), call)
        bar.end()
        if (call.json) call.io.out(`${JSON.stringify({ file, bytes })}\n`)
        else call.io.err(`${plain(file!)}: ${bytes} ${{ en: 'bytes', fr: 'octets' }[call.language]}\n`)
        return 0
      }
      const mark = text(call, 'mark')
      return mark === undefined ? tellPlan(await privacy.plan(), call) : tellErased(await privacy.erase(mark), call)
    } finally {
      bar.end()
      await privacy.close()
    }
  },
}

function tellFound(found: PatientFound, call: Call): number {
  const { messages, states, marks, newest, registrations, cases, closedCases } = found
  if (call.json) call.io.out(`${JSON.stringify(found)}\n`)
  else {
    for (const { receivedAt, id, kind, state, as } of newest) {
      call.io.out(`${receivedAt}  ${id}  ${kind.padEnd(8)}  ${state.padEnd(8)}  ${as}\n`)
    }
    const of = `closed ${states.closed}, inFlight ${states.inFlight}, parked ${states.parked}`
    call.io.err(
      `${messages} messages (${of})\nregistrations ${registrations}\ncases ${cases} open, ${closedCases} closed\nmarks ${marks.join(' ')}\n`,
    )
  }
  return 0
}

function tellPlan(plan: ErasePlan, call: Call): number {
  if (call.json) call.io.out(`${JSON.stringify(plan)}\n`)
  else {
    const { bars, goes, stays, shared, mark } = plan
    const counts = (of: object) => Object.entries(of).map(([name, n]) => `${name} ${n}`)
    for (const { why, n, hold } of bars)
      call.io.out(`${plain(`bar  ${why} ${n} ${hold ?? ''}`).trimEnd()}
`)
    call.io.out(`goes  ${counts(goes).join(', ')}\nstays  ${counts(stays).join(', ')}\nshared  ${shared}\n`)
    if (bars.length === 0) call.io.out(`--mark ${mark}\n`)
  }
  return plan.bars.length === 0 ? 0 : 1
}

function tellErased(erased: PatientErased, call: Call): number {
  const { messages, resources, cases } = erased
  call.io.out(
    call.json ? `${JSON.stringify(erased)}\n` : `messages ${messages}, resources ${resources}, cases ${cases}\n`,
  )
  return 0
}
