import { expect, test } from 'vitest'
import { actOf } from '../../src/console/page/cases/act-of.ts'
import { isOvertaken } from '../../src/console/page/cases/changes.ts'
import { nihssFields } from '../../src/console/page/cases/nihss.ts'
import { ageBandOf, initialsOf } from '../../src/console/page/cases/shown.ts'
import { withoutSteps } from '../../src/console/page/cases/timeline.ts'
import type { Act, Happening, Nihss } from '../../src/core/cases.ts'
import { NIHSS_ITEMS } from '../../src/formats/bridge/nihss.ts'
import { passedThreshold, remainingMs } from '../../src/formats/clock/countdown.ts'
import { CLOCK_WORDS } from '../../src/formats/clock/words.ts'
import { identityJudged } from '../../src/telemedicine/images/rows.ts'
import { gatewayViewer } from '../../src/telemedicine/store/plan.ts'
import { random } from '../support/world/random.ts'
import { request } from '../telemedicine/invented.ts'
import { ago, caseWorld, EXPERT, MIN, REQUESTER } from './case-world.ts'
import { operator } from './region.ts'

test('what the script of a page counts and says is what the server does, to the millisecond', async () => {
  const { next } = random(7)
  // A script of pages: it has no types.
  const script: string = '../../src/console/page/cases/remaining.js'
  const { remainingMs: scripted, passedThreshold: scriptedThreshold, spanOf } = await import(script)
  for (let n = 0; n < 2_000; n += 1) {
    const facts = { endsMs: Math.floor(next() * 2e8), serverNowMs: Math.floor(next() * 2e8) }
    const since = { monotonicMs: next() * 1e6 - 1e5, wallMs: next() * 1e6 - 1e5 }
    const ms = remainingMs(facts, since)
    expect(scripted(facts, since)).toBe(ms)
    expect(scriptedThreshold(ms + 6e4, ms)).toBe(passedThreshold(ms + 6e4, ms))
    if (Math.abs(ms) >= MIN) expect(spanOf(ms, 'j')).toBe(CLOCK_WORDS.fr.span(ms))
    else expect(spanOf(ms, 'j')).toBe(null)
  }
})

const NOW = Date.UTC(2026, 10, 26, 21, 0)

test.each([
  ['1957-10-01', [60, 69]],
  ['1956-11-27', [60, 69]],
  ['1956-11-26', [70, 79]],
  ['1950', [70, 79]],
  ['2026-11-26', [0, 9]],
  ['2030-01-01', null],
  ['', null],
  [null, null],
] as const)('somebody born %s is shown as %j', (birthDate, band) => {
  expect(ageBandOf(birthDate, NOW)).toEqual(band)
})

test.each([
  [{ family: 'MARTIN (FICTIF)', given: 'Jeanne' }, 'J. M.'],
  [{ family: 'élise', given: '𝒜da' }, '𝒜. É.'],
  [{ family: '', given: ' ' }, '?. ?.'],
] as const)('initials of %j are %s', (patient, initials) => {
  expect(initialsOf(patient)).toBe(initials)
})

const facts = {
  nowMs: NOW,
  timeZone: 'Europe/Paris',
  actor: EXPERT.participant,
  of: { owner: { establishment: 'chu-angers', expert: EXPERT.participant, atMs: NOW } },
}
const whole = Object.fromEntries(Object.keys(NIHSS_ITEMS).map((code) => [`i-${code}`, '1']))
const read = (fields: Record<string, string>) => actOf(new URLSearchParams(fields), facts)

test.each<[Record<string, string>, unknown]>([
  [{ acte: 'accept' }, { act: { what: 'accept' }, atMs: null }],
  [{ acte: 'refuse', reason: '  ' }, { fault: 'missing' }],
  [
    { acte: 'refuse', reason: 'pas de\nlit' },
    { act: { what: 'refuse', reason: 'pas de lit' }, atMs: null },
  ],
  [
    { acte: 'reached', whom: 'Dr A', hour: '21:50' },
    { act: { what: 'reached', whom: 'Dr A', atMs: NOW - 10 * MIN }, atMs: NOW - 10 * MIN },
  ],
  [
    { acte: 'reached', whom: 'Dr A', hour: '' },
    { act: { what: 'reached', whom: 'Dr A', atMs: NOW }, atMs: NOW },
  ],
  [
    { acte: 'reached', whom: 'Dr A', hour: '23h50' },
    {
      act: { what: 'reached', whom: 'Dr A', atMs: NOW - 22 * 60 * MIN - 10 * MIN },
      atMs: NOW - 22 * 60 * MIN - 10 * MIN,
    },
  ],
  [{ acte: 'reached', whom: 'Dr A', hour: 'midi' }, { fault: 'badTime' }],
  [{ acte: 'reached', hour: '21:50' }, { fault: 'missing' }],
  [
    { acte: 'tell-time', name: 'onset', day: 'yesterday', hour: '23:30', precision: 'hour', source: 'witness' },
    {
      act: {
        what: 'tell-time',
        name: 'onset',
        time: { atMs: NOW - 22 * 60 * MIN - 30 * MIN, precision: 'hour', source: 'witness', toldAtMs: NOW },
      },
      atMs: null,
    },
  ],
  [
    { acte: 'tell-time', name: 'onset', unknown: '1' },
    { act: { what: 'tell-time', name: 'onset', time: null }, atMs: null },
  ],
  [{ acte: 'tell-time', name: 'onset', hour: '25:00' }, { fault: 'badTime' }],
  [{ acte: 'tell-time', name: 'lunch', hour: '12:00' }, { fault: 'missing' }],
  [{ acte: 'score' }, { fault: 'missing' }],
  [{ acte: 'score', total: '43' }, { fault: 'badScore' }],
  [{ acte: 'score', 'i-70184-7': '4' }, { fault: 'badScore' }],
  [{ acte: 'consent', given: 'no', by: 'Dr A' }, { fault: 'missing' }],
  [{ acte: 'decide', decision: '' }, { fault: 'missing' }],
  [{ acte: 'confirm-identity', of: '1.2', reason: '' }, { fault: 'missing' }],
  [{ acte: 'rung' }, null],
  [{ acte: 'images' }, null],
  [{}, null],
])('a form %j is read as %j', (fields, expected) => {
  expect(read(fields)).toEqual(expected)
})

test('a score is added up when it is whole, and its total is checked against its items', () => {
  const score = (more: Record<string, string>) => {
    const found = read({ acte: 'score', ...more })
    return found !== null && 'act' in found && found.act.what === 'score' ? found.act.nihss : null
  }
  expect(score(whole)).toMatchObject({ total: 15, differs: false })
  expect(score({ ...whole, total: '14' })).toMatchObject({ total: 14, differs: true })
  expect(score({ 'i-70184-7': '2' })).toMatchObject({ total: null, differs: false })
  expect(score({ total: '7' })).toMatchObject({ total: 7 })
})

const happened = (seq: number, act: Act): Happening => ({
  seq,
  atMs: NOW,
  recordedAtMs: NOW,
  by: EXPERT.participant,
  act,
})
const images = (received: number, held = 0): Act => ({ what: 'images', uid: '1', received, expected: 9, held })

test('an act waits for what its reader has not seen, when it may hang on it and not otherwise', () => {
  const all = [happened(4, images(3)), happened(5, { what: 'advise', text: 'x', coded: [] })]
  expect(isOvertaken('decide', 3, all)).toBe(true)
  expect(isOvertaken('decide', 5, all)).toBe(false)
  expect(isOvertaken('decide', 3, all.slice(0, 1))).toBe(false)
  expect(isOvertaken('accept', 3, all)).toBe(false)
  expect(isOvertaken('write', 3, all)).toBe(false)
  // Who read the first advice has not read the second.
  expect(isOvertaken('read-advice', 3, all)).toBe(true)
  expect(isOvertaken('read-advice', 3, all.slice(0, 1))).toBe(false)
})

test('a form does not hold the sum of the items against one that is scored anew', () => {
  const items = Object.fromEntries(Object.keys(NIHSS_ITEMS).map((code) => [code, 1]))
  const filled = { id: 'f', value: () => '' } as never
  const total = (nihss: Nihss) => /name="total"[^>]* value="(\d*)"/.exec(nihssFields(filled, nihss, 'fr').text)?.[1]
  expect(total({ items, total: 15, differs: false })).toBe('')
  expect(total({ items, total: 14, differs: true })).toBe('14')
  expect(total({ items: {}, total: 12, differs: false })).toBe('12')
})

test('of images that come one by one the last is told, and what was held is told apart', () => {
  const all = [images(1), images(2), images(2, 1), images(3), images(4)].map((act, i) => happened(i, act))
  expect(withoutSteps(all).map(({ seq }) => seq)).toEqual([1, 2, 4])
})

test('who looks at a case is in the audit, with the number and without a name; a centre that opens it has seen it', async () => {
  const world = await caseWorld()
  const id = await world.ask({ times: { onset: ago(60 * MIN, world.room.clock.atMs) } })
  const { number } = await world.room.one(id)
  const html = { accept: 'text/html' }
  expect((await world.call(`/dossiers/${id}`, { key: 'demo-requester', headers: html })).text).toContain('MARTIN')
  expect((await world.room.one(id)).seenAtMs).toBe(null)
  expect((await world.call(`/dossiers/${id}`, { key: 'demo-expert', headers: html })).status).toBe(200)
  expect((await world.room.one(id)).seenAtMs).not.toBe(null)
  const events = await world.journal.look<{ who: string; detail: string }>({
    sql: "SELECT who, detail FROM event WHERE what = 'read-case' ORDER BY who",
    parameters: [],
  })
  expect(events.map(({ who }) => who)).toEqual(['demo-expert', 'demo-requester'])
  for (const { detail } of events) {
    expect(detail).toContain(`case:${number}`)
    expect(detail).not.toMatch(/MARTIN|471/)
  }
  expect(world.log.join('\n')).not.toMatch(/MARTIN|CHL/)
  // Whoever takes no part finds nothing, and the operator of the region has no page of cases.
  expect((await world.call(`/dossiers/${id}x`, { key: 'demo-expert', headers: html })).status).toBe(404)
  expect((await world.call('/dossiers', { key: 'demo-admin', headers: html })).status).toBe(403)
})

test('live: a change is told to those who see the case, by its id alone, and to nobody else', async () => {
  const world = await caseWorld([
    operator('establishment-it'),
    { ...operator('expert', ['chu-nantes']), name: 'other', keySha256: operator('auditor').keySha256 },
  ])
  const listen = async (key: string) => {
    const leave = new AbortController()
    const answer = await fetch(`${world.url}/live/cases`, {
      headers: { authorization: `Bearer ${key}` },
      signal: leave.signal,
    })
    expect(answer.headers.get('content-type')).toMatch(/^text\/event-stream/)
    const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    return {
      async until(pattern: RegExp): Promise<string> {
        while (!pattern.test(text)) text += (await reader.read()).value ?? ''
        return text
      },
      leave: () => leave.abort(),
    }
  }
  const [mine, other] = [await listen('demo-expert'), await listen('demo-auditor')]
  await mine.until(/event: beat/)
  const id = await world.ask()
  expect(await mine.until(/changed/)).toContain(`data: {"cases":["${id}"]}`)
  await world.act(id, { what: 'write', text: 'said' }, REQUESTER)
  expect(await mine.until(/changed[\s\S]*changed/)).not.toContain('said')
  // Of the other centre's own change it is told, and of that alone.
  const theirs = await world.ask({ site: 'ch-chateaubriant' })
  expect(await other.until(/changed/)).not.toContain(id)
  expect(await other.until(/changed/)).toContain(theirs)
  mine.leave()
  other.leave()
})

test('people of imaging see the studies of a case and whose they are, and no clinical word', async () => {
  const reach = { establishments: ['ch-laval'], applications: null, units: ['RADIO'] }
  const world = await caseWorld([{ ...operator('auditor'), role: 'requester', name: 'radiographer', reach }])
  const id = await world.ask({
    reason: 'MOTIF-SECRET',
    times: { onset: ago(60 * MIN, world.room.clock.atMs) },
    studies: [{ uid: '1.2.3', accession: 'A77', expected: 4, modality: 'CT' }],
  })
  await world.act(id, { what: 'accept' }, EXPERT)
  await world.act(id, { what: 'advise', text: 'AVIS-SECRET', coded: [] }, EXPERT)
  const look = async (path: string) =>
    (await world.call(path, { key: 'demo-auditor', headers: { accept: 'text/html' } })).text
  const page = await look(`/dossiers/${id}`)
  expect(page).toContain('CT A77')
  expect(page).toContain('MARTIN (FICTIF)')
  expect(page).toContain('Examen terminé, images envoyées')
  expect(page).not.toMatch(/SECRET|Biologie|NIHSS|Thrombolyse/)
  const list = await look('/dossiers')
  expect(list).toContain('J. M.')
  expect(list).not.toMatch(/MARTIN|SECRET|Thrombolyse/)
  // The whole is there for whoever answers.
  const whole = (await world.call(`/dossiers/${id}`, { key: 'demo-expert', headers: { accept: 'text/html' } })).text
  for (const word of ['MOTIF-SECRET', 'AVIS-SECRET', 'Thrombolyse 4 h 30']) expect(whole).toContain(word)
})

test('the page of a form that was refused is looked at under the address of its case', async () => {
  const world = await caseWorld()
  const id = await world.ask()
  const form = new URLSearchParams({ acte: 'refuse', version: '1', reason: '' })
  const refused = await fetch(`${world.url}/dossiers/${id}/actes`, {
    method: 'POST',
    headers: { accept: 'text/html', authorization: 'Bearer demo-expert' },
    body: form,
  })
  const page = await refused.text()
  expect(page).toContain(`href="/dossiers/${id}?lang=en"`)
  expect(page).toContain(`href="/dossiers/${id}?theme=dark"`)
  const again = await fetch(`${world.url}/dossiers/${id}/actes?lang=en`, {
    redirect: 'manual',
    headers: { accept: 'text/html', authorization: 'Bearer demo-expert' },
  })
  expect([again.status, again.headers.get('location')]).toEqual([303, `/dossiers/${id}`])
  expect(again.headers.get('set-cookie')).toMatch(/^lang=en;/)
})

test('whoever is to confirm an identity sees both side by side, and each trait by a shape and a word', async () => {
  const world = await caseWorld()
  const id = await world.ask({ studies: [{ uid: '1.2.3', accession: 'A77', expected: 2, modality: 'CT' }] })
  await world.act(id, { what: 'accept' }, EXPERT)
  const images = { ...EXPERT, participant: { ...EXPERT.participant, role: 'gateway' as const } }
  await world.act(id, { what: 'images', uid: '1.2.3', received: 0, expected: 2, held: 2 }, images)
  const [identifier] = (await world.room.one(id)).patient.identifiers
  const told = {
    id: identifier!.value,
    issuer: 'CHL',
    issuerEntity: null,
    name: 'MARTINE (FICTIF)^Jeanne',
    birthDate: '19500102',
    sex: 'F',
  }
  await world.journal.apply({
    rows: [
      {
        sql: `INSERT INTO image_study (id, care_case, site, source, target, uid, accession, state, code, attempts, due_at_ms, made_at_ms,
          changed_at_ms) VALUES ('s1', ?, 'ch-laval', 'x', 'y', '1.2.3', NULL, 'held', NULL, 0, 0, 1, 1)`,
        parameters: [id],
      },
      identityJudged(
        { id: 's1', changedAtMs: 1 },
        'one',
        { result: 'mismatch', which: ['name'], told: JSON.stringify(told) },
        1,
      ),
    ],
  })
  const { text } = await world.call(`/dossiers/${id}`, { key: 'demo-requester', headers: { accept: 'text/html' } })
  const rows = [...text.matchAll(/<tr class="compared-(\w+)">(.*?)<\/tr>/g)].map(([, state, row = '']) => [
    state,
    row
      .replaceAll(/<[^>]+>/g, ' ')
      .replaceAll(/\s+/g, ' ')
      .trim(),
  ])
  expect(rows).toEqual([
    ['same', `Identifiant ${told.id} CHL ${told.id} CHL = identique`],
    ['other', 'Nom MARTIN (FICTIF) Jeanne MARTINE (FICTIF) Jeanne ≠ différent'],
    ['same', 'Naissance 02/01/1950 02/01/1950 = identique'],
  ])
})

test('where the region has no channel the ladder says so, and does not wait', async () => {
  const world = await caseWorld()
  const id = await world.ask()
  const { text } = await world.call(`/dossiers/${id}`, { key: 'demo-requester', headers: { accept: 'text/html' } })
  const ladder = text.slice(text.indexOf('id="s-ladder"'), text.indexOf('id="s-sendings"')).replaceAll(/<[^>]+>/g, '')
  expect(ladder).toMatch(/– SMS\s+aucun canal configuré/)
  expect(ladder).not.toContain('…')
})

test('a page of requests that joined says of whom each is, and what the gateway notes in the words of its reader', async () => {
  const world = await caseWorld()
  const id = await world.ask({ id: 'r1', patient: request().patient })
  await world.ask({ id: 'r2', patient: { ...request().patient, family: 'MARTEN (FICTIF)', birthDate: '1951-01-02' } })
  await world.act(
    id,
    { what: 'write', remark: 'taken-back', text: 'Doublon', requests: ['r2'] },
    gatewayViewer('ch-laval'),
  )
  const look = async (language: string) =>
    (await world.call(`/dossiers/${id}?lang=${language}`, { key: 'demo-expert', headers: { accept: 'text/html' } }))
      .text
  const [fr, en] = [await look('fr'), await look('en')]
  expect(fr).toContain('MARTIN (FICTIF) Jeanne, 02/01/1950')
  expect(fr).toContain('MARTEN (FICTIF) Jeanne, 02/01/1951')
  expect(fr).toContain('<strong>Plateforme</strong>, Centre hospitalier de Laval')
  expect(fr).toContain('Une des demandes réunies est annulée par son demandeur (Doublon)')
  expect(fr).not.toContain('gateway')
  expect(en).toContain('One of the joined requests was taken back by its requester (Doublon)')
})
