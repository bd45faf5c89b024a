import { describe, expect, test } from 'vitest'
import { machineIds } from '../../src/app/cli/machine.ts'
import type { CasePatient } from '../../src/core/cases.ts'
import type { Archive, ImagePatient } from '../../src/core/images.ts'
import { dicomwebArchive } from '../../src/senders/dicomweb/archive.ts'
import { carrier } from '../../src/telemedicine/images/carrier.ts'
import { issuersOf } from '../../src/telemedicine/images/domain.ts'
import { comparedOf, studyFinder } from '../../src/telemedicine/images/found.ts'
import { numbersOf } from '../../src/telemedicine/images/gate.ts'
import { leapingClock } from '../support/peers/clock.ts'
import { dicomFile, uidOf } from '../support/peers/dicom-file.ts'
import { missingOrthanc, startOrthanc } from '../support/peers/orthanc.ts'
import { openStore } from '../support/stores.ts'
import { until } from '../support/world/until.ts'
import { careConfig, caseRoom } from '../telemedicine/case-room.ts'
import { person, request } from '../telemedicine/invented.ts'
import { GATEWAY, MARTIN } from './cases.ts'
import { archiveAt, regionOf } from './stage.ts'

const LAVAL = '1.2.250.1.71.4.2.2.26'
const issuers = issuersOf(regionOf([archiveAt('ch-laval', 'http://127.0.0.1:1', { oid: LAVAL })]))
const image: ImagePatient = {
  id: '26001',
  issuer: null,
  issuerEntity: null,
  name: 'MARTIN (FICTIF)^JEANNE',
  birthDate: '19500214',
  sex: 'F',
}
const against = (patient: Partial<CasePatient> = {}) => ({
  patient: { ...MARTIN, ...patient },
  site: 'ch-laval',
  issuers,
})

test.each<[string, Partial<ImagePatient>, Partial<CasePatient>, string]>([
  ['all is told', {}, {}, 'same same same same'],
  ['another person of the number', { name: 'DURAND (FICTIF)^PAUL', sex: 'M' }, {}, 'same other same other'],
  ['another number', { id: '26002' }, {}, 'other same same same'],
  ['nothing but the number', { name: null, birthDate: null, sex: null }, {}, 'same absent absent absent'],
  ['another birth date', { birthDate: '19500215' }, {}, 'same same other same'],
  ['a sex that is neither', { sex: 'O' }, {}, 'same same same absent'],
  ['a case that does not know the sex', {}, { sex: 'unknown' }, 'same same same absent'],
])('a study compares with the case: %s', (_what, more, patient, said) => {
  const traits = comparedOf({ ...image, ...more }, against(patient))
  expect([traits.identifier, traits.name, traits['birth-date'], traits.sex].join(' ')).toBe(said)
})

test('only numbers of the site are asked for', () => {
  const identifiers = [
    { authority: LAVAL, value: '26001', type: 'PI' },
    { authority: 'unheard-of', value: '7', type: null },
    { authority: '1.2.250.1.213.1.4.10', value: '250026400100097', type: 'INS' },
    { authority: 'chu-nantes', value: '9', type: 'PI' },
    { authority: LAVAL, value: 'visit', type: 'VN' },
  ]
  expect(numbersOf(against({ identifiers }))).toEqual(['26001', '7'])
})

const need = missingOrthanc()
const QUIET = { info() {}, warn() {}, error() {}, count() {}, observe() {} }

describe.skipIf(need !== null)(`studies of an Orthanc${need === null ? '' : `: ${need}`}`, () => {
  test('one that was made after midnight is found for the request of the evening', async () => {
    const site = await startOrthanc()
    const store = await openStore()
    let opened: Archive | null = null
    try {
      // Of the 5th.
      await site.put(dicomFile({ series: uidOf(73, 1), uid: uidOf(73, 1, 1), study: uidOf(73), number: 1 }))
      const pacs = { ...archiveAt('ch-laval', site.web, { oid: LAVAL }), use: 'production' as const }
      const config = careConfig({ destinations: new Map([[pacs.id, pacs]]) })
      const archive = dicomwebArchive(pacs as never, { clock: leapingClock(), log: QUIET, meter: QUIET })
      opened = archive
      const { views, commands, clock } = caseRoom(store.journal, { config: () => config })
      const finder = studyFinder({ views, commands, config: () => config, archive: () => archive, clock })
      const asker = person('requester', 'ch-laval')
      // 23:50 in the region.
      clock.atMs = Date.UTC(2026, 0, 4, 22, 50)
      const asked = await commands.request(request({ patient: MARTIN, atMs: clock.atMs }), asker)
      if (!asked.ok) throw new Error(asked.error)
      const found = async () => await finder.find(asked.case.id, asker)
      expect(await found()).toMatchObject({ from: '2026-01-03', to: '2026-01-04', studies: [] })
      clock.atMs += 30 * 60_000
      expect(await found()).toMatchObject({ to: '2026-01-05', studies: [{ uid: uidOf(73), date: '20260105' }] })
      clock.atMs += 30 * 86_400_000
      expect(await found()).toMatchObject({ from: '2026-01-03', to: '2026-01-05' })
    } finally {
      await opened?.close()
      await store.end()
      await site.end()
    }
  })

  test('a mark in a number finds no more than the number', async () => {
    const site = await startOrthanc()
    const archive = dicomwebArchive(archiveAt('ch-laval', site.web) as never, {
      clock: leapingClock(),
      log: QUIET,
      meter: QUIET,
    })
    try {
      for (const [study, accession] of [
        [74, 'A74'],
        [75, 'A75'],
      ] as const)
        await site.put(
          dicomFile({ study: uidOf(study), series: uidOf(study, 1), uid: uidOf(study, 1, 1), number: 1, accession }),
        )
      const found = async (question: Parameters<Archive['studies']>[0]) => {
        const answer = await archive.studies(question, AbortSignal.timeout(10_000))
        return answer.ok ? answer.value.map(({ uid }) => uid) : answer.code
      }
      const by = (accession: string) => found({ by: 'accession', accession })
      expect([await by('A74'), await by('A7?'), await by('*'), await by('A74\\A75')]).toEqual([[uidOf(74)], [], [], []])
      expect(await found({ by: 'patient', id: '26*', date: '20260105-20260106' })).toEqual([])
      expect(await found({ by: 'patient', id: '26001', date: '20260105-20260106' })).toHaveLength(2)
    } finally {
      await archive.close()
      await site.end()
    }
  })

  test('one is found by patient and day, confirmed by a person and carried; the other of its number is another', async () => {
    const [site, centre] = await Promise.all([startOrthanc(), startOrthanc()])
    const store = await openStore()
    const opened: Archive[] = []
    try {
      const slice = { series: uidOf(71, 1), uid: uidOf(71, 1, 1), study: uidOf(71), number: 1, accession: 'A71' }
      const other = { series: uidOf(72, 1), uid: uidOf(72, 1, 1), study: uidOf(72), number: 1 }
      await site.put(dicomFile(slice))
      await site.put(dicomFile({ ...other, name: 'DURAND (FICTIF)^PAUL', birthDate: '19600101' }))
      const destinations = [
        { ...archiveAt('ch-laval', site.web, { oid: LAVAL }), use: 'production' as const },
        { ...archiveAt('chu-angers', centre.web), use: 'production' as const },
      ]
      const config = careConfig({ destinations: new Map(destinations.map((one) => [one.id, one])) })
      const clock = leapingClock()
      const archives = new Map(
        destinations.map((one) => [one.id, dicomwebArchive(one as never, { clock, log: QUIET, meter: QUIET })]),
      )
      opened.push(...archives.values())
      const archive = (id: string): Archive | null => archives.get(id) ?? null
      const room = caseRoom(store.journal, { config: () => config })
      room.clock.atMs = Date.UTC(2026, 0, 5, 23, 30)
      const { views, commands } = room
      const finder = studyFinder({ views, commands, config: () => config, archive, clock: room.clock })
      const asker = person('requester', 'ch-laval')
      // In the region it is the 6th by then: the study is of the day before.
      const asked = await commands.request(request({ patient: MARTIN, atMs: room.clock.atMs }), asker)
      if (!asked.ok) throw new Error(asked.error)
      const { id } = asked.case

      const found = await finder.find(id, asker)
      if (!found.ok) throw new Error(found.error)
      expect(found).toMatchObject({ from: '2026-01-05', to: '2026-01-06', numbers: 1 })
      const byUid = new Map(found.studies.map((one) => [one.uid, one]))
      expect([...byUid.keys()].sort()).toEqual([uidOf(71), uidOf(72)].sort())
      const same = { identifier: 'same', name: 'same', 'birth-date': 'same', sex: 'same' }
      expect(byUid.get(uidOf(71))).toMatchObject({ accession: 'A71', date: '20260105', instances: 1, traits: same })
      expect(byUid.get(uidOf(72))?.traits).toEqual({ ...same, name: 'other', 'birth-date': 'other' })
      expect(JSON.stringify(found)).not.toMatch(/DURAND|1960/)

      const expert = person('expert', 'chu-angers')
      expect(await finder.find(id, expert)).toEqual({ ok: false, error: 'CASE_FORBIDDEN' })
      const chosen = { uid: uidOf(71), reason: 'seen with the radiographer' }
      expect(await finder.attach(id, chosen, expert)).toEqual({ ok: false, error: 'CASE_FORBIDDEN' })
      const stranger = person('requester', 'ch-chateaubriant')
      expect(await finder.find(id, stranger)).toEqual({ ok: false, error: 'CASE_NOT_FOUND' })
      expect(await finder.attach(id, { ...chosen, uid: '1.2.3' }, asker)).toEqual({ ok: false, error: 'IMAGES_ABSENT' })

      expect(await finder.attach(id, chosen, asker)).toMatchObject({ ok: true })
      expect(await finder.attach(id, chosen, asker)).toMatchObject({ ok: true })
      const acts = (await views.happenings(id, asker.caller)).filter(({ act }) => act.what === 'study')
      expect(acts).toMatchObject([{ by: { name: asker.participant.name }, act: { reason: chosen.reason } }])
      const left = await finder.find(id, asker)
      expect(left.ok && left.studies.map(({ uid }) => uid)).toEqual([uidOf(72)])

      await commands.act(id, { what: 'accept' }, expert)
      const going = carrier({
        journal: store.journal,
        config: () => config,
        archive,
        spool: null,
        commands,
        gateway: GATEWAY,
        clock,
        ids: machineIds,
        log: QUIET,
        meter: QUIET,
      })
      going.start()
      await until('the study is at the centre', async () => (await centre.uids(uidOf(71))).length === 1)
      await going.stop()
      expect(await centre.uids(uidOf(72))).toEqual([])

      await site.kill()
      const unreached = await finder.find(id, asker)
      expect(unreached.ok ? null : unreached.error).toMatch(/^(?!CASE_|IMAGES_)/)
    } finally {
      await Promise.all(opened.map((one) => one.close()))
      await Promise.all([site.end(), centre.end()])
      await store.end()
    }
  })
})
