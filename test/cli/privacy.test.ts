import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { machineClock } from '../../src/app/cli/machine.ts'
import { compileConfig } from '../../src/app/config/index.ts'
import { openSqliteJournal } from '../../src/pipeline/journal/sqlite/open.ts'
import { searchKey } from '../../src/pipeline/keys.ts'
import { privacyCommands } from '../../src/pipeline/privacy/privacy.ts'
import { casesOfPatients } from '../../src/telemedicine/store/patient.ts'
import { newDelivery, newIntake, personEvent } from '../journal/made.ts'
import { scratch } from '../journal/rig.ts'
import { sqliteOptions } from '../journal/rig-options.ts'
import { caseRoom } from '../telemedicine/case-room.ts'
import { person, request } from '../telemedicine/invented.ts'
import { passerelle } from './terminal.ts'

const CANARY = 'CANARI-DE-LA-LIGNE (FICTIF)'
const AUTHORITY = '1.2.250.1.213.1.4.10'
const INS = '279035121518989'

const REGION = {
  region: { name: 'Region', timeZone: 'Europe/Paris', locale: 'fr' },
  establishments: [],
  services: {},
  tables: {},
}

/** A stopped store with a small and a large message of a patient, one of them read by somebody. */
async function stopped() {
  const { dir, end } = await scratch()
  onTestFinished(end)
  const store = join(dir, 'store')
  const journal = await openSqliteJournal(sqliteOptions(store))
  await journal.adopt('ann', 1, JSON.stringify(REGION))
  const patientKeys = [searchKey(journal.secret, AUTHORITY, INS)]
  const deliveries = () => [newDelivery('platform', { state: 'delivered' })]
  const small = newIntake({ revision: 1, patientKeys, deliveries: deliveries(), bytes: Buffer.from(CANARY.repeat(20)) })
  const large = newIntake({ revision: 1, patientKeys, deliveries: deliveries(), bytes: Buffer.alloc(90_000, CANARY) })
  for (const one of [small, large]) await journal.commit([one])
  await journal.apply({ events: [personEvent('read-body', { message: small.id, why: 'litige' })] })
  await journal.close()
  const patient = join(dir, 'patient')
  await writeFile(patient, `${AUTHORITY}|${INS}\n`)
  const run = (...args: string[]) => passerelle([...args, '--store', `file:${store}`])
  return { dir, store, run, said: ['--patient-file', patient, '--reason', 'demande écrite'] }
}

/** Files of the store that hold these words. */
async function holding(store: string, words: string): Promise<string[]> {
  const files = (await readdir(store, { recursive: true, withFileTypes: true })).filter((one) => one.isFile())
  const read = files.map(async ({ parentPath, name }) => ({ name, content: await readFile(join(parentPath, name)) }))
  return (await Promise.all(read)).filter(({ content }) => content.includes(words)).map(({ name }) => name)
}

test('find, export, a report of accesses, dry run, erase: no byte of the patient is left in the files of the store', async () => {
  const { dir, store, run, said } = await stopped()
  const found = await run('privacy', 'find', ...said, '--json')
  expect([found.code, JSON.parse(found.out)]).toMatchObject([0, { messages: 2, states: { closed: 2 } }])
  const file = join(dir, 'patient.ndjson')
  expect(await run('privacy', 'export', file, ...said)).toEqual({
    code: 0,
    out: '',
    err: expect.stringMatching(/patient\.ndjson: [1-9]\d* bytes\n$/),
  })
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  const [, first] = (await readFile(file, 'utf8')).split('\n')
  expect(Buffer.from(JSON.parse(first!).body, 'base64').toString()).toContain(CANARY)

  const report = await run('audit', 'report', ...said, '--json')
  const { events } = JSON.parse(report.out)
  expect(events.map(({ what }: { what: string }) => what)).toEqual(['export-patient', 'find-patient', 'read-body'])
  expect(events[2].sentence).toMatch(/demo-admin .*revealed the content of message .*, reason: “litige”\.$/)
  const csv = join(dir, 'report.csv')
  expect((await run('audit', 'report', csv, ...said)).code).toBe(0)
  expect(await readFile(csv, 'utf8')).toMatch(/^\ufeffn;at;who;/)
  const span = ['--since', '2026-01-01T00:00:00Z', '--until', '2027-12-31T00:00:00Z']
  const incident = JSON.parse((await run('incident', 'export', ...span, '--reason', 'x', '--json')).out)
  expect(incident.counts).toMatchObject({ reads: 1, messages: 1, patients: 1 })
  const slip = await run('incident', 'export', ...span, '--establishments', 'ch-lavla', '--reason', 'x')
  expect(slip.err).toContain('ch-lavla: no event of this time is of this establishment')

  const plan = await run('privacy', 'erase', ...said)
  const mark = /--mark (\S+)/.exec(plan.out)![1]!
  expect([plan.code, plan.out]).toEqual([0, expect.stringContaining('goes  messages 2')])
  expect(await holding(store, CANARY)).not.toEqual([])
  expect((await run('privacy', 'erase', ...said, '--mark', 'another')).code).toBe(1)
  expect((await run('privacy', 'erase', ...said, '--mark', mark)).out).toBe('messages 2, resources 0, cases 0\n')
  expect(await holding(store, CANARY)).toEqual([])
  const checked = await run('verify', '--json')
  expect([checked.code, JSON.parse(checked.out).damaged]).toEqual([0, []])
  expect(JSON.parse((await run('privacy', 'find', ...said, '--json')).out).messages).toBe(0)
})

test('nothing is erased while a case is open, and what is erased while the store is open leaves its files', async () => {
  const { store, run, said } = await stopped()
  const open = () => openSqliteJournal(sqliteOptions(store))
  let journal = await open()
  const patient = { ...request().patient, identifiers: [{ authority: AUTHORITY, value: INS, type: 'INS' }] }
  const asks = person('requester', 'ch-laval')
  const opened = await caseRoom(journal).commands.request(request({ patient }), asks)
  await journal.close()
  const plan = await run('privacy', 'erase', ...said)
  expect(plan.out).toContain('case')
  const mark = /--mark (\S+)/.exec(plan.out)?.[1] ?? 'none'
  expect((await run('privacy', 'erase', ...said, '--mark', mark)).code).toBe(1)

  journal = await open()
  onTestFinished(() => journal.close())
  await caseRoom(journal).commands.act((opened.ok && opened.case.id) || '', { what: 'cancel', reason: 'x' }, asks)
  const parts = {
    journal,
    config: () => compileConfig(JSON.stringify(REGION), 1, () => ''),
    clock: machineClock,
    cases: casesOfPatients(journal, (authority, value) => searchKey(journal.secret, authority, value)),
  }
  const privacy = privacyCommands(parts)
  const patients = [`${AUTHORITY}|${INS}`]
  await privacy.erase(patients, (await privacy.plan(patients, 'dpo', 'demande')).mark, 'dpo', 'demande')
  expect(await holding(store, CANARY)).toEqual([])
})

test('a file that names no patient is told by its line, and not by what it holds', async () => {
  const { dir, run } = await stopped()
  const file = join(dir, 'list')
  await writeFile(file, `${AUTHORITY}|${INS}\n\nMARTIN Camille\n`)
  for (const argv of [
    ['privacy', 'find'],
    ['audit', 'report'],
    ['replay', '--dry-run'],
  ]) {
    const { code, err } = await run(...argv, '--patient-file', file, '--reason', 'x')
    expect([code, err]).toEqual([2, `${file}:3: no AUTHORITY|IDENTIFIER.\n`])
  }
  await writeFile(file, `${AUTHORITY}|${INS}\n${AUTHORITY}|2\n`)
  expect((await run('messages', '--patient-file', file)).err).toContain('holds one AUTHORITY|IDENTIFIER here')
})

test.each([
  ['no patient', ['privacy', 'find', '--reason', 'x']],
  ['no reason', ['privacy', 'find', '--patient-file', 'patient']],
  ['an export without a file', ['privacy', 'export', '--reason', 'x']],
  ['an unknown word', ['privacy', 'forget', '--reason', 'x']],
  ['an incident without a time', ['incident', 'export', '--reason', 'x']],
])('wrong usage: %s', async (_name, args) => {
  expect((await passerelle(args)).code).toBe(2)
})
