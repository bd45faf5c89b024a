import { expect, test } from 'vitest'
import { readBox } from '../../src/console/page/messages/query.ts'
import type { Finding } from '../../src/core/message.ts'
import { type Desk, eventsOf, seen, startDesk } from './desk.ts'
import { AUTHORITY, bodyOf, CANARY, delivery, INS, intake } from './gateway.ts'
import { someConfig } from './region.ts'

const FORBIDDEN =
  /\b(gateway|parked|queued|replay|resend|dry run|finding|lane|unknown|expired|poisoned|mailbox|bounce|drill|break glass|needle)\b/

/** M1: laval to two of angers. M2: to laval, with findings, no patient. M3 and M4: parked at unv, M5 at dpi. */
async function filled(desk: Desk) {
  const { journal } = desk
  const findings: Finding[] = [
    { code: 'INS_KEY', class: 'safety', at: 'PID-3(1).1' },
    { code: 'SEGMENT_END', class: 'form', params: { count: 2 } },
  ]
  const parked = (place: string) => delivery(place, { state: 'poisoned', code: 'INS_AMBIGUOUS' })
  const made = [
    intake(journal, 'M1', { deliveries: [delivery('chu-angers/unv'), delivery('chu-angers/dpi')] }),
    intake(journal, 'M2', {
      establishment: 'chu-angers',
      patientKeys: [],
      findings,
      deliveries: [delivery('ch-laval/gam')],
    }),
    intake(journal, 'M3', { deliveries: [parked('chu-angers/unv')] }),
    intake(journal, 'M4', { deliveries: [parked('chu-angers/unv')] }),
    intake(journal, 'M5', { deliveries: [parked('chu-angers/dpi')] }),
  ]
  for (const one of made) await journal.commit([one])
  return made
}

const listed = (text: string) => [...text.matchAll(/class="id">([^<]*)</g)].map(([, id]) => id)

test.each<[box: string, filter: object, rest?: readonly string[]]>([
  ['ADT^A01', { kind: 'ADT^A01' }],
  ['type:ADT^* état:à-traiter', { kind: 'ADT^*', state: 'parked' }],
  ['kind:Patient state:closed', { kind: 'Patient', state: 'closed' }],
  ['de:ch-laval vers:chu-angers/unv', { from: 'ch-laval', to: 'chu-angers/unv' }],
  ['from:ch-laval to:chu-angers', { from: 'ch-laval', to: 'chu-angers' }],
  ['Centre Hospitalier de Laval', { from: 'ch-laval' }],
  ['ch-laval SEGMENT_END', { from: 'ch-laval', finding: 'SEGMENT_END' }],
  ['erreur:POISONED chu-angers/dpi', { code: 'POISONED', to: 'chu-angers/dpi' }],
  ['depuis:2026-07-01 jusque:2026-07-01T12:00', { sinceMs: 1_782_856_800_000, untilMs: 1_782_900_000_000 }],
  [`${AUTHORITY}|${INS}`, { patient: `${AUTHORITY}|${INS}` }],
  [INS, { patients: ['8', '9', '10', '11'].map((n) => `1.2.250.1.213.1.4.${n}|${INS}`) }],
  ['MARTIN', {}, ['MARTIN']],
  ['de:MARTIN état:malade', {}, ['de:MARTIN', 'état:malade']],
])('the box understands %s', (box, filter, rest = []) => {
  expect(readBox(box, someConfig())).toEqual({ filter, id: null, rest })
})

test('the list: filters in the address, state in words, pages by stable links', async () => {
  const desk = await startDesk()
  const made = await filled(desk)
  const { text, status } = await desk.page('/messages?from=ch-laval&state=parked')
  expect(status).toBe(200)
  expect(listed(text)).toEqual(['M5', 'M4', 'M3'])
  expect(seen(text)).toContain('chu-angers/unv : Traitement impossible')
  expect(text).toContain(`href="/messages/${made[2]?.id}"`)
  for (let n = 0; n < 50; n++) await desk.journal.commit([intake(desk.journal, `N${n}`)])
  const first = await desk.page('/messages')
  expect(listed(first.text)).toHaveLength(50)
  const older = /href="(\/messages\?after=\d+)"/.exec(first.text)?.[1] ?? ''
  await desk.journal.commit([intake(desk.journal, 'LATER')])
  expect(listed((await desk.page(older)).text)).toEqual(['M5', 'M4', 'M3', 'M2', 'M1'])
  expect((await desk.page('/messages?state=malade')).status).toBe(400)
  expect((await desk.page('/messages?kind=SIU^S12')).text).toContain('Élargissez')
  expect((await desk.page('/messages', 'demo-dpo')).status).toBe(403)
})

test('what the box finds has an address where that says nothing of a patient', async () => {
  const desk = await startDesk()
  const made = await filled(desk)
  const search = (q: string) => desk.form('/messages/recherche', { q })
  expect((await search('M1')).to).toBe('/messages?controlId=M1')
  expect((await search(made[1]!.id)).to).toBe(`/messages/${made[1]!.id}`)
  expect((await search('SEGMENT_END vers:ch-laval')).to).toBe('/messages?finding=SEGMENT_END&to=ch-laval')
  expect((await search('')).to).toBe('/messages')
  // A name leads nowhere, and stands in no address.
  for (const name of ['MARTIN', 'MARTIN Jeanne', 'de:MARTIN']) {
    const { status, to, text } = await search(name)
    expect([status, to]).toEqual([200, null])
    expect(text).not.toMatch(/(href|action)="[^"]*MARTIN/)
  }
  for (const q of [INS, `${AUTHORITY}|${INS}`, `${INS} de:ch-laval`]) {
    const { to, text } = await search(q)
    expect(to).toBeNull()
    expect(listed(text)).toEqual(['M5', 'M4', 'M3', 'M1'])
    expect(text).not.toMatch(new RegExp(`(href|action)="[^"]*${INS}`))
  }
  expect((await desk.page('/messages/recherche')).status).toBe(200)
  expect(desk.log.join('')).not.toContain(INS)
})

test('a search of a patient goes on page by page, by forms', async () => {
  const desk = await startDesk()
  for (let n = 0; n < 52; n++) await desk.journal.commit([intake(desk.journal, `P${n}`)])
  const first = await desk.form('/messages/recherche', { q: INS })
  expect(listed(first.text)).toHaveLength(50)
  const pager = /<nav class="pager".*?<\/nav>/s.exec(first.text)?.[0] ?? ''
  const fields = [...pager.matchAll(/name="([^"]+)" value="([^"]+)"/g)].map(
    ([, name, value]) => [name!, value!] as const,
  )
  const patients = fields.filter(([name]) => name === 'patient').map(([, value]) => value)
  const after = fields.find(([name]) => name === 'after')?.[1] ?? ''
  expect(pager).not.toContain('href')
  const second = await desk.form('/messages/recherche', { patient: patients, after })
  expect(listed(second.text)).toEqual(['P1', 'P0'])
})

test('views are kept by person, hold filters only, and lead to an address that others may open', async () => {
  const desk = await startDesk()
  await filled(desk)
  const query = `from=ch-laval&state=parked&after=12&patient=${INS}&other=x`
  const saved = await desk.form('/messages/vues', { name: 'À <b>traiter</b> de Laval', query })
  expect(saved.to).toBe('/messages?from=ch-laval&state=parked')
  const own = await desk.page('/messages')
  expect(own.text).toContain(
    '<a href="/messages?from=ch-laval&amp;state=parked">À &lt;b&gt;traiter&lt;/b&gt; de Laval</a>',
  )
  expect((await desk.page('/messages', 'second')).text).not.toContain('traiter&lt;')
  expect(listed((await desk.page(saved.to!, 'second')).text)).toEqual(['M5', 'M4', 'M3'])
  await desk.form('/messages/vues', { remove: 'À <b>traiter</b> de Laval' })
  expect((await desk.page('/messages')).text).not.toContain('traiter&lt;')
  expect(await eventsOf(desk, 'save-view')).toMatchObject([
    { who: 'demo-operator', detail: 'from=ch-laval&state=parked' },
  ])
  expect((await desk.form('/messages/vues', { name: ' ', query: '' })).status).toBe(400)
})

test('an export is streamed, counted, noted, and opens in a French spreadsheet', async () => {
  const desk = await startDesk({ exportMax: 700 })
  await filled(desk)
  await desk.journal.commit([intake(desk.journal, '=1+1;"x"', { bytes: Buffer.alloc(1_536, 65) })])
  for (let n = 0; n < 800; n += 100) {
    await Promise.all(Array.from({ length: 100 }, (_, i) => desk.journal.commit([intake(desk.journal, `E${n + i}`)])))
  }
  const csv = await desk.form('/messages/export', { format: 'csv', limit: '9999', ticket: '0abc-1234' })
  expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8')
  expect(csv.text.split('\r\n')).toHaveLength(700 + 2)
  const few = await desk.form('/messages/export', {
    controlId: '=1+1;"x"',
    format: 'csv',
    patient: `${AUTHORITY}|${INS}`,
  })
  const bytes = Buffer.from(few.text)
  expect(bytes.toString()).toMatch(
    /\r\n01\/01\/2026 11:00:00;ch-laval;MLLP;ADT\^A01;"'=1\+1;""x""";1,5;Terminé;;;0;;[0-9a-f-]{36}\r\n$/,
  )
  const json = await desk.form('/messages/export', { format: 'json', state: 'parked' })
  expect(JSON.parse(json.text).messages).toHaveLength(3)
  expect(await eventsOf(desk, 'export-messages')).toMatchObject([
    { who: 'demo-operator', detail: 'csv 700' },
    { detail: 'csv 700 controlId=%3D1%2B1%3B%22x%22 patient' },
    { detail: 'json 700 state=parked' },
  ])
  const told = await desk.page('/messages/export/0abc-1234')
  expect(told.headers.get('content-type')).toContain('text/event-stream')
  expect(told.text).toBe('data: {"done":700,"over":true}\n\n')
})

test('a byte order mark is the first thing of a CSV', async () => {
  const desk = await startDesk()
  const answer = await fetch(`${desk.url}/messages/export`, {
    method: 'POST',
    headers: { authorization: 'Bearer demo-operator' },
    body: new URLSearchParams({ format: 'csv' }),
  })
  expect([...new Uint8Array(await answer.arrayBuffer()).slice(0, 3)]).toEqual([0xef, 0xbb, 0xbf])
})

test('one message: how it went in words, and no content', async () => {
  const desk = await startDesk()
  const [one, two, three] = await filled(desk)
  const { text } = await desk.page(`/messages/${one!.id}`)
  const page = seen(text)
  expect(page).toContain('Remis : pas encore · Vu : non renseigné · Pris en charge : non renseigné')
  expect(page).toContain('Reçu par MLLP')
  expect(page).toContain("En attente d'envoi")
  expect(page).toContain('Votre rôle ne donne pas accès au contenu')
  const noticed = seen((await desk.page(`/messages/${two!.id}`)).text)
  expect(noticed).toContain('bloquante')
  expect(noticed).toContain('PID-3(1).1 (Identifiants du patient)')
  for (const path of [`/messages/${one!.id}`, `/messages/${three!.id}`, '/messages', '/a-traiter']) {
    for (const key of ['demo-operator', 'revealer']) {
      const shown = (await desk.page(path, key)).text
      for (const secret of [CANARY, INS]) expect(shown).not.toContain(secret)
    }
  }
  expect((await desk.page('/messages/none')).status).toBe(404)
})

test('content is shown to who may see it, with a reason, after that was noted', async () => {
  const desk = await startDesk()
  const [, two] = await filled(desk)
  const path = `/messages/${two!.id}`
  expect((await desk.form(path, { reason: 'curious' })).status).toBe(403)
  for (const reason of ['', '  ', 'a\nb']) expect((await desk.form(path, { reason }, 'revealer')).status).toBe(400)
  expect(await eventsOf(desk, 'read-body')).toEqual([])
  const { text } = await desk.form(path, { reason: 'appel de Laval' }, 'revealer')
  const page = seen(text)
  expect(page).toContain(`PID|||${INS}`)
  expect(page).toContain(CANARY)
  expect(page).toContain('␍')
  expect(page).toContain('Noms et prénoms')
  // The finding stands beside its field.
  expect(text).toMatch(/PID-3<\/th>.*?class="alarm note".*?<\/tr>/s)
  expect(await eventsOf(desk, 'read-body')).toMatchObject([
    { who: 'revealer', why: 'appel de Laval', message: two!.id },
  ])
  expect(page).toContain('« appel de Laval »')
})

test('hostile content, names and identifiers are text', async () => {
  const desk = await startDesk()
  const script = '<script>alert(1)</script><img src=x onerror=alert(2)>"\'&'
  const bytes = Buffer.from(
    `MSH|^~\\&|${script}|ch-laval|GAM|X|20260101||ORU^R01|H1|T|2.5\rPID|||1^^^A||${script}^\u202eX\rOBX|1|ED|F^${script}||^TEXT^XML^Base64^PFg+\rZ<b|x\r`,
    'latin1',
  )
  const hostile = intake(desk.journal, script, { bytes, application: script, kind: 'ORU^R01', facility: '"><script>' })
  await desk.journal.commit([hostile])
  const pages = [
    await desk.page('/messages'),
    await desk.page(`/messages/${hostile.id}`),
    await desk.form(`/messages/${hostile.id}`, { reason: script }, 'revealer'),
    await desk.form('/messages/recherche', { q: script }),
    await desk.form('/messages/recherche', { q: `de:${script}` }),
  ]
  for (const { text, status } of pages) {
    expect(status).toBeLessThan(400)
    expect(text).not.toMatch(/<script>|<img|Z<b/)
  }
  expect(seen(pages[2]!.text)).toContain('&lt;script&gt;alert(1)')
})

test('an incident sheet tells how a message is made and nothing of its patient', async () => {
  const desk = await startDesk()
  const secrets = [
    'CANARI',
    'Zoe',
    '19540312',
    INS,
    '0102030405',
    'rue du Puits',
    'NOTE-LIBRE',
    'Q4711Q',
    'appel de Laval',
  ]
  const bytes = Buffer.from(
    [
      'MSH|^~\\&|DPI|ch-laval|GAM|X|20260101120000||ADT^A01^ADT_A01|M9|T|2.5^FRA^2.11|||AL|NE|FRA|8859/15',
      'EVN|A01|20260101||Zoe|CANARI',
      `PID|1|Q4711Q|${INS}^^^ASIP-SANTE-INS-NIR&${AUTHORITY}&ISO^INS||CANARI^Zoe^^^^^L||19540312|F|||rue du Puits^^LAVAL||0102030405|||||Q4711Q||||||||||||||VALI|Zoe`,
      'PV1|1|I|CANARI|||Q4711Q|||||||||||||Q4711Q^^^ch-laval^VN',
      'OBX|1|TX|NOTE-LIBRE DE ZOE^CANARI|Q4711Q ok|NOTE-LIBRE|||||F',
      'OBX|1|TX|8302-2^CANARI^LN||NOTE-LIBRE',
      'NTE|1||NOTE-LIBRE',
      `Z99|CANARI|${INS}`,
      `OBR|1|||CANARI|||||||||||||||||||||||||||Zoe`,
      '',
    ].join('\r'),
    'latin1',
  )
  const one = intake(desk.journal, 'M9', { bytes })
  const resource = {
    resourceType: 'Patient',
    id: 'Q4711Q',
    active: true,
    identifier: [
      { system: `urn:oid:${AUTHORITY}`, value: INS, type: { coding: [{ system: 'urn:x', code: 'INS-NIR' }] } },
    ],
    name: [{ family: 'CANARI', given: ['Zoe'], use: 'official' }],
    birthDate: '19540312',
    link: [{ other: { reference: 'Patient/Q4711Q' }, type: 'refer' }],
    photo: [{ url: 'http://x.test/CANARI', title: 'NOTE-LIBRE' }],
    extension: [{ url: 'https://hl7.fr/ext', valueString: 'Zoe' }],
    CANARI: 1,
  }
  const other = intake(desk.journal, 'F9', { bytes: Buffer.from(JSON.stringify(resource)), kind: 'Patient', ask: '{}' })
  for (const message of [one, other]) await desk.journal.commit([message])
  await desk.form(`/messages/${one.id}`, { reason: 'appel de Laval' }, 'revealer')
  for (const { id } of [one, other]) {
    for (const form of ['txt', 'json']) {
      const { text, headers, status } = await desk.page(`/messages/${id}/fiche.${form}`, 'demo-support')
      expect(status).toBe(200)
      expect(headers.get('content-disposition')).toBe(`attachment; filename="fiche-incident-${id}.${form}"`)
      for (const secret of secrets) expect([form, text]).not.toEqual([form, expect.stringContaining(secret)])
    }
  }
  const { structure, versions } = (await desk.page(`/messages/${one.id}/fiche.json`)).json
  expect(versions).toEqual({ gateway: '1.2.3', configuration: 1 })
  expect(structure[0]).toContain('MSH|^~\\&|DPI|ch-laval|GAM|X|20260101120000||ADT^A01^ADT_A01|M9|T|2.5^FRA^2.11')
  expect(structure[2]).toMatch(
    /^PID\|1\|X\{6\}\|9\{15\}\^\^\^ASIP-SANTE-INS-NIR&1\.2\.250\.1\.213\.1\.4\.10&ISO\^INS\|\|A\{6\}\^A\{3\}\^\^\^\^\^L\|/,
  )
  expect(structure[2]).toContain('|VALI|')
  const fhir = (await desk.page(`/messages/${other.id}/fiche.json`)).json.structure
  expect(fhir).toMatchObject({
    resourceType: 'Patient',
    id: 'X{6}',
    identifier: [{ system: `urn:oid:${AUTHORITY}`, value: '9{15}', type: { coding: [{ code: 'INS-NIR' }] } }],
    name: [{ family: 'A{6}', use: 'official' }],
    link: [{ other: { reference: 'Patient/X{6}' } }],
    extension: [{ url: 'https://hl7.fr/ext' }],
  })
  expect(await eventsOf(desk, 'incident-sheet')).toHaveLength(6)
})

test('what is parked stands by its cause; one, some or all of it are treated with a reason', async () => {
  const desk = await startDesk()
  const [, , three, four, five] = await filled(desk)
  const groups = await desk.page('/a-traiter')
  expect(seen(groups.text)).toMatch(/chu-angers\/unv 2 .*chu-angers\/dpi 1/)
  const cause = '/a-traiter/cause?to=chu-angers%2Funv&code=INS_AMBIGUOUS'
  expect(groups.text).toContain(cause.replace('&', '&amp;'))
  expect(listed((await desk.page(cause)).text)).toEqual(['M3', 'M4'])
  const where = { to: 'chu-angers/unv', code: 'INS_AMBIGUOUS' }
  expect((await desk.form('/a-traiter/cause', { ...where, act: 'close', reason: 'vu' })).status).toBe(400)
  const some = { ...where, act: 'skip', reason: 'vu avec Angers', delivery: three!.deliveries[0]!.id }
  const begun = await desk.form('/a-traiter/cause', some)
  expect(begun.to).toMatch(/^\/a-traiter\/travaux\//)
  await overAt(desk, begun.to!)
  expect(seen((await desk.page(begun.to!)).text)).toContain('1 sur 1')
  const all = await desk.form('/a-traiter/cause', { ...where, act: 'close', reason: 'traité', which: 'all' })
  await overAt(desk, all.to!)
  expect(await eventsOf(desk, 'skip')).toMatchObject([
    { who: 'demo-operator', why: 'vu avec Angers', message: three!.id },
  ])
  const closed = (await eventsOf(desk, 'close')).map(({ message }) => message)
  expect(new Set(closed)).toEqual(new Set([three!.id, four!.id]))
  expect(seen((await desk.page(cause)).text)).toContain('Plus rien de cette cause')
  const one = { delivery: five!.deliveries[0]!.id, act: 'resend', reason: 'réparé' }
  expect((await desk.form(`/messages/${five!.id}/actes`, one)).to).toBe(`/messages/${five!.id}#deliveries`)
  expect(seen((await desk.page('/a-traiter')).text)).toContain("Rien n'est à traiter")
  const again = await desk.form('/a-traiter/cause', { ...where, act: 'resend', reason: 'r', delivery: some.delivery })
  await overAt(desk, again.to!)
  expect(seen((await desk.page(again.to!)).text)).toContain('Non fait')
  expect((await desk.page('/a-traiter', 'demo-support')).status).toBe(403)
})

/** Resolves once the work behind an address is over. */
async function overAt(desk: Desk, address: string): Promise<void> {
  expect((await desk.page(`${address}/suivi`)).text).toMatch(/"over":true\}\n\n$/)
}

test('a replay by filter is simulated, then made in its order', async () => {
  const desk = await startDesk()
  const [one] = await filled(desk)
  const shown = await desk.form('/a-traiter/renvoi', { from: 'ch-laval', kind: 'ADT^A01', how: 'simulate', where: '' })
  const page = seen(shown.text)
  expect(page).toContain('Messages 4')
  expect(page).toMatch(/chu-angers\/unv : 3 chu-angers\/dpi : 2/)
  const made = await desk.form('/a-traiter/renvoi', { from: 'ch-laval', how: 'do', where: '', reason: 'perdu là-bas' })
  await overAt(desk, made.to!)
  expect(await eventsOf(desk, 'replay')).toHaveLength(4)
  const patient = await desk.form('/a-traiter/renvoi', {
    patient: `${AUTHORITY}|${INS}`,
    how: 'simulate',
    where: 'ch-laval/gam',
  })
  expect(seen(patient.text)).toContain('se demande sans patient')
  const asked = { patient: `${AUTHORITY}|${INS}`, how: 'do', where: 'ch-laval/gam', reason: 'x' }
  expect((await desk.form('/a-traiter/renvoi', asked)).status).toBe(400)
  const sim = await desk.form(`/messages/${one!.id}/renvoi`, { to: 'chu-angers/unv', how: 'simulate' })
  expect(seen(sim.text)).toContain("Simulation de l'envoi Remises qui seraient faites : 1")
})

test('a replay elsewhere is asked by one person and approved by another', async () => {
  const desk = await startDesk()
  const [one, two] = await filled(desk)
  const asked = await desk.form(`/messages/${one!.id}/renvoi`, {
    to: 'ch-laval/gam',
    how: 'do',
    reason: 'mauvais site',
  })
  expect(asked.to).toMatch(/^\/a-traiter\/demandes\//)
  expect(await eventsOf(desk, 'replay')).toEqual([])
  const own = seen((await desk.page(asked.to!)).text)
  expect(own).toContain('attend une seconde personne')
  expect(own).toContain('une autre personne doit l’approuver')
  const id = asked.to!.split('/').at(-1)!
  const approve = { how: 'approve', reason: 'vérifié' }
  expect((await desk.form(asked.to!, approve)).status).toBe(409)
  expect(
    (await desk.call(`/api/replays/${id}/approve`, { key: 'demo-operator', body: { reason: 'x' } })).json.code,
  ).toBe('SECOND_PERSON')
  expect((await desk.form(asked.to!, approve, 'second')).to).toBe(asked.to)
  expect((await desk.form(asked.to!, approve, 'demo-admin')).status).toBe(409)
  await doneAt(desk, id)
  expect(await eventsOf(desk, 'replay')).toMatchObject([
    { who: 'demo-operator', why: 'mauvais site', detail: 'ch-laval/gam' },
  ])
  expect(await eventsOf(desk, 'approve-replay')).toMatchObject([{ who: 'second', why: 'vérifié', message: one!.id }])
  // By filter, over the API; what goes where it went needs nobody.
  const body = { filter: { from: 'ch-laval' }, to: 'ch-laval/gam', reason: 'tout le site' }
  const many = (await desk.call('/api/replays', { key: 'demo-operator', body })).json
  expect(many).toMatchObject({
    state: 'asked',
    counts: { messages: 4, deliveries: { 'ch-laval/gam': 4 }, doubles: 0, whole: true },
  })
  expect((await desk.call(`/api/replays/${many.id}/approve`, { key: 'second', body: { reason: 'oui' } })).status).toBe(
    200,
  )
  expect((await doneAt(desk, many.id)).done).toBe(4)
  const signed = (path: string, to: object) =>
    desk.call(`/signed/api/messages/${path}`, { key: 'demo-operator', body: { reason: 'r', ...to } })
  expect((await signed(`${two!.id}/replay`, { to: 'chu-angers/dpi' })).json.code).toBe('SECOND_PERSON')
  expect((await signed('replay', { to: 'chu-angers/dpi', filter: {} })).json.code).toBe('SECOND_PERSON')
  expect((await signed(`${two!.id}/replay`, { to: 'ch-laval/gam' })).status).toBe(200)
  const key = await desk.call(`/api/messages/${two!.id}/replay`, {
    key: 'demo-operator',
    body: { reason: 'r', to: 'chu-angers/dpi' },
  })
  expect(key.status).toBe(200)
  const refused = await desk.form(`/messages/${two!.id}/renvoi`, { to: 'chu-angers/unv', how: 'do', reason: 'r' })
  expect((await desk.form(refused.to!, { how: 'refuse', reason: 'inutile' })).to).toBe(refused.to)
  expect(seen((await desk.page(refused.to!)).text)).toContain('refusé')
  expect((await desk.form(refused.to!, approve, 'second')).status).toBe(409)
})

async function doneAt(desk: Desk, id: string) {
  for (;;) {
    const { json } = await desk.call(`/api/replays/${id}`, { key: 'second' })
    if (json.state === 'done') return json
    expect(json.state).toBe('running')
  }
}

test('planned maintenance stands on every page until it is over', async () => {
  const desk = await startDesk()
  const wall = (ms: number) => new Date(ms).toISOString().slice(0, 16)
  const now = Date.now()
  const fields = {
    from: wall(now + 7_200_000),
    until: wall(now + 14_400_000),
    text: 'Mise à jour <b>',
    destination: 'chu-angers/unv',
  }
  expect((await desk.form('/a-traiter/maintenance', fields)).to).toBe('/a-traiter/maintenance')
  for (const path of ['/', '/messages', '/a-traiter', '/messages/none']) {
    expect(seen((await desk.page(path)).text)).toMatch(/Maintenance prévue .*Mise à jour &lt;b&gt; · chu-angers\/unv/)
  }
  const { json } = await desk.call('/api/maintenance', { key: 'demo-operator' })
  expect(json.maintenance).toMatchObject([{ text: 'Mise à jour <b>', pause: false, who: 'demo-operator' }])
  expect((await desk.form('/a-traiter/maintenance', { ...fields, until: fields.from })).status).toBe(400)
  expect((await desk.form('/a-traiter/maintenance', { ...fields, text: '' })).status).toBe(400)
  await desk.form('/a-traiter/maintenance', { end: json.maintenance[0].id, reason: 'reportée' })
  expect((await desk.page('/messages')).text).not.toContain('Mise à jour')
  expect((await desk.form('/a-traiter/maintenance', { end: json.maintenance[0].id, reason: 'r' })).status).toBe(404)
})

test('the French pages speak French', async () => {
  const desk = await startDesk()
  const [one, two, three, four, five] = await filled(desk)
  await desk.form(`/messages/${three!.id}/actes`, { delivery: three!.deliveries[0]!.id, act: 'skip', reason: 'vu' })
  await desk.form(`/messages/${four!.id}/actes`, { delivery: four!.deliveries[0]!.id, act: 'resend', reason: 'vu' })
  const asked = await desk.form(`/messages/${one!.id}/renvoi`, { to: 'ch-laval/gam', how: 'do', reason: 'vu' })
  await desk.form(asked.to!, { how: 'approve', reason: 'vu' }, 'second')
  await doneAt(desk, asked.to!.split('/').at(-1)!)
  const work = await desk.form('/a-traiter/cause', { act: 'close', reason: 'vu', delivery: five!.deliveries[0]!.id })
  await overAt(desk, work.to!)
  const paths = [
    ...[
      '/messages',
      '/messages?state=parked',
      '/a-traiter',
      '/a-traiter/renvoi',
      '/a-traiter/destinataires',
      '/a-traiter/maintenance',
    ],
    ...[one, two, three, four, five].map((message) => `/messages/${message!.id}`),
    ...['/a-traiter/cause?to=chu-angers%2Funv&code=INS_AMBIGUOUS', asked.to!, work.to!],
  ]
  for (const path of paths) {
    const { text, status } = await desk.page(path)
    expect([path, status]).toEqual([path, 200])
    expect([path, FORBIDDEN.exec(seen(text).toLowerCase())?.[0]]).toEqual([path, undefined])
    expect((await desk.page(path, 'demo-operator', 'en')).text).toContain('<html lang="en"')
  }
})

test('a message as it came is told so, and the answer is shown where it is kept', async () => {
  const desk = await startDesk()
  const repeatKey = ['ch-laval', 'DPI', 'ch-laval', 'A1'].join('\x1f')
  const answer = Buffer.from('MSH|^~\\&|X\rMSA|AA|A1\r')
  const one = intake(desk.journal, 'A1', {
    repeatKey,
    answer,
    bytes: bodyOf('A1'),
    deliveries: [delivery('chu-angers/unv')],
  })
  await desk.journal.commit([one])
  const page = seen((await desk.form(`/messages/${one.id}`, { reason: 'r' }, 'revealer')).text)
  expect(page).toContain('MSA|AA|A1')
})
