import { expect, test } from 'vitest'
import { fillProgrammes } from '../../src/app/demo/programmes.ts'
import { PUBLISHED_FINESS } from '../../src/app/demo/supported.ts'
import { finessKeyHolds } from '../../src/formats/identifiers/finess.ts'
import { enrolmentsCsv } from '../../src/formats/programme-csv.ts'
import { act } from './acting.ts'
import { asked, code, enrolled, HOMES, HOSPITAL, officer, other, world } from './programme-world.ts'

test('an enrolment from candidate to settled: money to the cent, a second person, and each act in the audit', async () => {
  const here = await world()
  const { commands, views, events } = here
  const { id } = await enrolled(here)
  const move = async (to: Parameters<typeof commands.move>[1], who = officer) => {
    const moved = await commands.move(id, to, who)
    return moved.ok ? moved.enrolment.state : moved.missing
  }
  expect(await move('selected')).toEqual(['amount'])
  expect(await move('settled')).toEqual([])
  expect(await code(commands.grant(id, 0.5, officer))).toBe('PROGRAMME_AMOUNT')
  await commands.grant(id, 82_852_626, officer)
  expect(await move('selected')).toBe('selected')
  expect(await move('started')).toEqual(['start-up-paid'])
  const pay = (part: 'start-up' | 'use', cents: number, paidOn = '2014-03-01') =>
    commands.pay(id, { part, cents, paidOn }, officer)
  expect(await code(pay('use', 1))).toBe('PROGRAMME_PAYMENT')
  expect(await code(pay('start-up', 16_570_526))).toBe('PROGRAMME_PAYMENT')
  expect(await code(pay('start-up', 1, '2014-02-30'))).toBe('PROGRAMME_PAYMENT')
  await pay('start-up', 16_570_000)
  expect(await move('started')).toEqual(['start-up-paid'])
  await pay('start-up', 525)
  expect(await code(commands.grant(id, 1, officer))).toBe('PROGRAMME_AMOUNT')
  expect(await move('started')).toBe('started')
  expect(await move('target-met')).toEqual(['targets'])
  const declare = (numerator: number, target = 'dossier') =>
    commands.declare(id, { target, numerator, denominator: 1_000 }, officer)
  expect(await code(declare(1_001))).toBe('PROGRAMME_TARGET')
  expect(await code(declare(1, 'agenda'))).toBe('PROGRAMME_TARGET')
  await declare(799)
  expect(await move('target-met')).toEqual(['targets'])
  await declare(800)
  expect(await move('target-met')).toBe('target-met')
  expect(await code(move('checked'))).toBe('PROGRAMME_SECOND')
  expect(await move('started', other)).toBe('started')
  expect(await move('target-met')).toBe('target-met')
  expect(await move('checked', other)).toBe('checked')
  expect(await move('settled')).toEqual(['all-paid'])
  await pay('use', 66_282_101, '2016-12-31')
  expect(await move('settled')).toBe('settled')
  expect(await code(declare(1))).toBe('PROGRAMME_TARGET')
  const one = await views.one(id, null)
  expect(one).toMatchObject({
    enrolment: { state: 'settled', cents: 82_852_626, paid: { advance: 0, 'start-up': 16_570_525, use: 66_282_101 } },
    parts: { advance: 0, 'start-up': 16_570_525, use: 66_282_101 },
    targets: [{ numerator: 800, denominator: 1_000, by: 'declared', met: true, declared: { who: 'odile' } }],
    moves: [],
  })
  expect(one?.steps.map(({ from, to, who }) => `${who} ${from} ${to}`)).toEqual([
    'odile null candidate',
    'odile candidate selected',
    'odile selected started',
    'odile started target-met',
    'paul target-met started',
    'odile started target-met',
    'paul target-met checked',
    'odile checked settled',
  ])
  expect((await views.sums(null)).get('hopital-numerique')).toEqual({
    ...{ enrolments: 1, engaged: 82_852_626, paid: 82_852_626 },
  })
  const told = await events()
  expect(told[0]).toBe(`odile enrol-programme (dossier 12) ${HOSPITAL}/hopital-numerique candidate`)
  expect(told).toContain(`odile pay-programme (dossier 12) ${HOSPITAL}/hopital-numerique start-up 5,25 EUR 2014-03-01`)
  expect(told).toContainEqual(
    expect.stringContaining(
      `paul move-programme (dossier 12) ${HOSPITAL}/hopital-numerique target-met checked dossier 800/1000 declared `,
    ),
  )
  expect(told).toContainEqual(
    expect.stringContaining(
      `odile move-programme (dossier 12) ${HOSPITAL}/hopital-numerique started target-met dossier 800/1000 declared `,
    ),
  )
  expect(told.length).toBe(14)
})

test('who declared the figures of a target does not check them', async () => {
  const here = await world()
  const { commands } = here
  const { id } = await enrolled(here, { cents: 100_000 })
  await commands.move(id, 'selected', officer)
  await commands.pay(id, { part: 'start-up', cents: 20_000, paidOn: '2014-03-01' }, officer)
  await commands.move(id, 'started', officer)
  await commands.declare(id, { target: 'dossier', numerator: 900, denominator: 1_000 }, other)
  expect(await commands.move(id, 'target-met', officer)).toMatchObject({ ok: true })
  expect(await code(commands.move(id, 'checked', other))).toBe('PROGRAMME_SECOND')
  expect(await commands.move(id, 'started', other)).toMatchObject({ ok: true })
  expect(await commands.move(id, 'target-met', officer)).toMatchObject({ ok: true })
  expect(await commands.move(id, 'checked', act('quentin'))).toMatchObject({ ok: true })
})

test('every field that is wrong is told at once; the second open enrolment of an establishment is refused, a later one is not', async () => {
  const here = await world()
  const { commands, views } = here
  const wrong = await commands.enrol(
    asked({
      ...{ finess: '539970013', name: ' ', kind: 'samu', department: 'x', domains: ['rien'], project: 'x' },
      ...{ depositedOn: '2014-13-01', cents: -1, source: 'x'.repeat(401) },
      body: { finess: '1', name: null, count: 0 },
    }),
    officer,
  )
  expect(wrong).toMatchObject({ ok: false })
  expect(wrong.ok ? [] : wrong.problems.map(({ fault }) => fault)).toEqual([
    ...['finess-key', 'name', 'department', 'body-finess', 'body-count', 'day', 'amount', 'source'],
    ...['kind-not-eligible', 'domain-unknown', 'project'],
  ])
  expect(await code(commands.enrol(asked({ programme: 'rien' }), officer))).toBe('NOT_FOUND')
  const { id } = await enrolled(here)
  expect(await commands.enrol(asked(), officer)).toEqual({
    ...{ ok: false, problems: [{ field: 'finess', fault: 'enrolled' }] },
  })
  await commands.move(id, 'dropped', officer)
  const again = await enrolled(here)
  expect((await views.enrolments('hopital-numerique', {}, null)).map(({ state }) => state).sort()).toEqual([
    ...['candidate', 'dropped'],
  ])
  // Two at once: one is enrolled, the other told.
  const both = await Promise.all(
    [1, 2].map(() => commands.enrol(asked({ programme: 'hopen', domains: ['d1'] }), officer)),
  )
  expect(both.map(({ ok }) => ok).sort()).toEqual([false, true])
  // And of acts on what several looked at, one is done; who looked after it was done may act too.
  const raced = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map((n) => code(commands.grant(again.id, n * 100, officer))))
  expect([...new Set(raced)].sort()).toEqual(['PROGRAMME_CHANGED', 'done'])
})

test('a legal entity and its place are enrolled once together; two of its places are two', async () => {
  const here = await world()
  const { commands } = here
  const [ej, first, second] = HOMES as [string, string, string]
  here.declares([{ id: 'homes', name: 'Foyers (fictif)', kind: 'hospital', finess: { ej, eg: [first, second] } }])
  const enrol = async (finess: string, domains: readonly string[]) => {
    const done = await commands.enrol(asked({ finess, domains }), officer)
    return done.ok ? done.enrolment.id : done.problems.map(({ fault }) => fault).join()
  }
  const id = await enrol(ej, ['dossier'])
  expect(await enrol(first, ['agenda'])).toBe('enrolled,domains-too-many')
  await commands.move(id, 'dropped', officer)
  expect(await enrol(first, ['dossier'])).toMatch(/^[0-9a-f-]{36}$/)
  expect(await enrol(second, ['dossier'])).toMatch(/^[0-9a-f-]{36}$/)
  expect(await enrol(ej, ['dossier'])).toBe('enrolled')
  const file = (finess: string) => `finess;name;domains;kind\r\n${finess};Foyers (fictif);dossier;hospital\r\n`
  expect(await commands.import('hopital-numerique', file(ej), true, officer)).toMatchObject({
    problems: [{ line: 2, field: 'finess', fault: 'enrolled' }],
  })
})

test('of what is dropped, as much is engaged as was paid before, in every sum', async () => {
  const here = await world()
  const { commands, views } = here
  const { id } = await enrolled(here, { cents: 100_000 })
  await commands.move(id, 'selected', officer)
  await commands.pay(id, { part: 'start-up', cents: 500, paidOn: '2014-03-01' }, officer)
  await commands.move(id, 'dropped', officer)
  await enrolled(here, { cents: 100_000 })
  const sums = { enrolments: 2, engaged: 500, paid: 500 }
  expect((await views.sums(null)).get('hopital-numerique')).toEqual(sums)
  expect(await views.territories('hopital-numerique', null)).toEqual([{ department: '53', ...sums }])
  expect(await views.supported(null)).toBe(0)
})

test('what the region knows need not be told; who is bound to an establishment sees its own enrolments alone', async () => {
  const here = await world()
  const { commands, views } = here
  const own = await enrolled(here, {
    ...{
      finess: PUBLISHED_FINESS,
      name: null,
      kind: 'nursing-home',
      domains: ['pilotage', 'resultats'],
      invented: false,
    },
  })
  expect(own).toMatchObject({ establishment: 'ch-laval', name: 'CH de Laval', kind: 'hospital', department: '53' })
  await enrolled(here)
  const bound = { establishments: ['ch-laval'], applications: null }
  expect((await views.enrolments('hopital-numerique', {}, bound)).map(({ id }) => id)).toEqual([own.id])
  expect((await views.sums(bound)).get('hopital-numerique')?.enrolments).toBe(1)
  const at = async (finess: string, reach: typeof bound | null) =>
    (await views.enrolledAt([finess, '539999999'], reach)).map(({ id }) => id)
  expect(await at(PUBLISHED_FINESS, bound)).toEqual([own.id])
  expect(await at(PUBLISHED_FINESS, { ...bound, establishments: ['ch-fictif'] })).toEqual([])
  expect(await views.enrolledAt([], null)).toEqual([])
  expect(await views.one(own.id, { establishments: ['ch-fictif'], applications: null })).toBeNull()
  expect(await code(commands.grant(own.id, 100, act('it', ['ch-fictif'])))).toBe('NOT_FOUND')
  expect(await code(commands.enrol(asked({ programme: 'hopen', domains: ['d1'] }), act('it', ['ch-laval'])))).toBe(
    'NOT_FOUND',
  )
})

test('counts of the gateway feed a target, and verdicts a milestone', async () => {
  const here = await world()
  const { views, rows, commands, events } = here
  const { id } = await enrolled(here, {
    ...{ programme: 'hopen-2', finess: '539990028', domains: ['identites-acces'], cents: 100_000 },
  })
  const counted = (signature: string, n: number, day = '2026-11-20') => ({
    sql: `INSERT INTO conformity_count (establishment, use, side, day, kind, application, signature, n)
      VALUES ('ch-fictif', 'production', 'sent', ?, 'ADT^A01', 'DPI', ?, ?)`,
    parameters: [day, signature, n],
  })
  await rows(counted('', 44), counted('INS_KEY', 4))
  expect((await views.one(id, null))?.targets).toMatchObject([{ by: null, met: null }])
  await rows(counted('PAM-PID-32', 2), counted('', 900, '2026-08-01'))
  expect((await views.one(id, null))?.targets).toMatchObject([
    { by: 'counts', numerator: 46, denominator: 50, met: true, declared: null },
  ])
  const reached = async () => (await views.one(id, null))?.milestones.map((one) => one.reached)
  expect(await reached()).toEqual([null])
  await rows({
    sql: `INSERT INTO conformity_verdict (use, framework, establishment, requirement, verdict, why, good, total, found, software,
        until_ms, since_ms, judged_at_ms, regressed_from)
      VALUES ('production', 'ci-sis@2026.1', 'ch-fictif', 'TRANSPORT-TLS', 'unmet', 'probe', 0, 0, '[]', '[]', NULL, 7, 8, NULL)`,
    parameters: [],
  })
  expect(await commands.move(id, 'selected', officer)).toMatchObject({ ok: true })
  // The milestone is met in the meantime; what was counted is told with the move, for it is forgotten one day.
  await rows({ sql: `UPDATE conformity_verdict SET verdict = 'met'`, parameters: [] })
  expect(await commands.move(id, 'target-met', officer)).toMatchObject({ ok: true })
  expect((await events()).at(-1)).toBe(
    'odile move-programme (dossier 12) ch-fictif/hopen-2 selected target-met identites 46/50 counts transport reached',
  )
  await rows({ sql: `UPDATE conformity_verdict SET verdict = 'unmet'`, parameters: [] })
  const detail = await views.one(id, null)
  expect(detail?.milestones).toMatchObject([
    { reached: false, requirements: [{ verdict: 'unmet', sinceMs: 7, inForce: true }] },
  ])
  // The page of the establishment tells nothing of a framework that is over: no link leads there.
  here.shelved.validTo = '2020-12-31'
  expect((await views.one(id, null))?.milestones).toMatchObject([{ requirements: [{ inForce: false }] }])
})

test('an establishment that is declared after it was enrolled, or under another id, is measured by its number all the same', async () => {
  const here = await world()
  const { views, rows, commands } = here
  const before = await enrolled(here, { programme: 'hopen-2', finess: HOSPITAL, domains: ['identites-acces'] })
  const renamed = await enrolled(here, { programme: 'hopen-2', finess: '539990028', domains: ['identites-acces'] })
  const counted = (establishment: string, signature: string, n: number) => ({
    sql: `INSERT INTO conformity_count (establishment, use, side, day, kind, application, signature, n)
      VALUES (?, 'production', 'sent', '2026-11-20', 'ADT^A01', 'DPI', ?, ?)`,
    parameters: [establishment, signature, n],
  })
  const unmet = (establishment: string) => ({
    sql: `INSERT INTO conformity_verdict (use, framework, establishment, requirement, verdict, why, good, total, found, software,
        until_ms, since_ms, judged_at_ms, regressed_from)
      VALUES ('production', 'ci-sis@2026.1', ?, 'TRANSPORT-TLS', 'unmet', 'probe', 0, 0, '[]', '[]', NULL, 7, 8, NULL)`,
    parameters: [establishment],
  })
  for (const id of ['ch-test', 'ch-neuf']) await rows(counted(id, '', 20), counted(id, 'INS_KEY', 80), unmet(id))
  await commands.declare(before.id, { target: 'identites', numerator: 100, denominator: 100 }, officer)
  here.declares([
    { id: 'ch-test', name: 'CH de Test (fictif)', kind: 'hospital', finess: { ej: HOSPITAL, eg: [] } },
    { id: 'ch-neuf', name: 'CH fictif', kind: 'hospital', finess: { ej: null, eg: ['539990028'] } },
  ])
  for (const { id } of [before, renamed]) {
    const shown = await views.one(id, null)
    expect(shown?.targets).toMatchObject([{ by: 'counts', numerator: 20, denominator: 100, met: false }])
    expect(shown?.milestones).toMatchObject([{ reached: false }])
  }
  // Of who left the region nothing is counted any more.
  here.declares([])
  expect((await views.one(renamed.id, null))?.targets).toMatchObject([{ by: null, met: null }])
})

const CSV_HEAD = 'finess;name;kind;domains;state;amount;paidStartUp;paidUse;invented'
test('a file is imported whole or not at all, told by line; what is exported comes back the same', async () => {
  const here = await world()
  const { commands, views, events } = here
  const file = (...lines: readonly string[]) => [CSV_HEAD, ...lines].join('\r\n')
  const bad = file(
    `${HOSPITAL};CH A (fictif);hospital;dossier;settled;1 000,00;200,00;800,00;oui`,
    '539970013;CH B (fictif);hospital;dossier;candidate;;;;oui',
    '539970020;CH C (fictif);hospital;dossier agenda;candidat;12,345;;;peut-être',
    '539970038;CH D (fictif);hospital;dossier;settled;1000;200;799,99;1',
    `${HOSPITAL};CH E (fictif);hospital;agenda;candidate;;;;1`,
    '539970046;"CH ""F"" (fictif)";hospital;dossier;candidate;;;;1;trop',
  )
  const refused = await commands.import('hopital-numerique', bad, false, officer)
  expect(refused).toMatchObject({ created: 0, dryRun: false })
  expect(refused.problems.map(({ line, field, fault }) => `${line} ${field} ${fault}`)).toEqual([
    '3 finess finess-key',
    '4 state state',
    '4 amount amount',
    '4 invented flag',
    '4 domains domains-too-many',
    '5 state paid',
    '6 domains domains-too-many',
    '7 file file',
  ])
  expect([await views.enrolments('hopital-numerique', {}, null), await events()]).toEqual([[], []])
  const latin = Buffer.from(file(`${HOSPITAL};CH Élie (fictif);hospital;dossier;;;;;`), 'latin1').toString('utf8')
  expect((await commands.import('hopital-numerique', latin, true, officer)).problems).toEqual([
    { line: 2, field: 'name', fault: 'encoding' },
  ])
  for (const wrong of ['', 'nom;finess\r\nx;y', CSV_HEAD]) {
    expect((await commands.import('hopital-numerique', wrong, true, officer)).problems).toEqual([
      { line: 1, field: 'file', fault: 'file' },
    ])
  }
  const good = file(
    `${HOSPITAL};CH A (fictif);hospital;dossier;settled;1 000,00;200,00;800,00;oui`,
    '539970020;"CH ""C""; (fictif)";hospital;agenda;candidate;;;;1',
  )
  expect(await commands.import('hopital-numerique', good, true, officer)).toEqual({
    created: 2,
    dryRun: true,
    problems: [],
  })
  expect(await views.enrolments('hopital-numerique', {}, null)).toEqual([])
  expect(await commands.import('hopital-numerique', good, false, officer)).toMatchObject({ created: 2 })
  const made = await views.enrolments('hopital-numerique', {}, null)
  expect(made.map(({ name, state, cents, paid }) => [name, state, cents, paid.use])).toEqual([
    ['CH "C"; (fictif)', 'candidate', null, 0],
    ['CH A (fictif)', 'settled', 100_000, 80_000],
  ])
  expect((await views.one(made[1]!.id, null))?.payments.map(({ part, cents }) => [part, cents])).toEqual([
    ['start-up', 20_000],
    ['use', 80_000],
  ])
  expect((await events()).length).toBe(2)
  const csv = enrolmentsCsv(made)
  const twice = await commands.import('hopital-numerique', csv, true, officer)
  expect(twice.problems).toEqual([2, 3].map((line) => ({ line, field: 'finess', fault: 'enrolled' })))
  const elsewhere = await world()
  expect(await elsewhere.commands.import('hopital-numerique', csv, false, officer)).toMatchObject({ created: 2 })
  expect(enrolmentsCsv(await elsewhere.views.enrolments('hopital-numerique', {}, null))).toBe(csv)
  expect((await commands.import('hopen', csv, true, officer)).problems.map(({ fault }) => fault)).toEqual([
    ...['programme', 'programme'],
  ])
})

test('what is over comes once, whichever file tells it: money counts once', async () => {
  const here = await world()
  const { commands, views } = here
  const line = (domains: string, state: string, amount: string, startUp: string, use: string) =>
    `${HOSPITAL};CH Test (fictif);hospital;${domains};${state};${amount};${startUp};${use};1`
  const head = 'finess;name;kind;domains;state;amount;paidStartUp;paidUse;invented'
  const file = (...lines: readonly string[]) => [head, ...lines].join('\r\n')
  const settled = line('d1', 'settled', '1000,00', '200,00', '800,00')
  const run = async (text: string, dryRun = false) => {
    const { created, problems } = await commands.import('hopen', text, dryRun, officer)
    return [created, ...problems.map((one) => `${one.line} ${one.fault}`)]
  }
  const sums = { enrolments: 1, engaged: 100_000, paid: 100_000 }
  expect(await run(file(settled, settled))).toEqual([0, '3 enrolled'])
  expect(await run(file(settled))).toEqual([1])
  expect(await run(file(settled), true)).toEqual([0, '2 enrolled'])
  expect(await run(file(settled))).toEqual([0, '2 enrolled'])
  expect((await views.sums(null)).get('hopen')).toEqual(sums)
  // Another one of the same establishment is none of these.
  expect(await run(file(line('d2', 'settled', '1000,00', '200,00', '800,00')))).toEqual([1])
  const dropped = line('d3', 'dropped', '500,00', '100,00', '')
  expect(await run(file(dropped, line('d3', 'dropped', '500,00', '99,00', '')))).toEqual([2])
  expect(await run(file(dropped))).toEqual([0, '2 enrolled'])
})

test('the demo supports 67 establishments, of which one is real and has its source; a second start adds none', async () => {
  const { parts, views } = await world()
  const made = await fillProgrammes(parts)
  const all = (await Promise.all(parts.programmes().map(({ id }) => views.enrolments(id, {}, null)))).flat()
  expect(all.length).toBe(made)
  expect(new Set(all.map(({ finess }) => finess)).size).toBe(67)
  expect(await views.supported(null)).toBe(67)
  expect(await views.supported({ establishments: ['ch-laval'], applications: null })).toBe(1)
  const real = all.filter(({ invented }) => !invented)
  expect(real).toMatchObject([
    {
      ...{ finess: PUBLISHED_FINESS, establishment: 'ch-laval', state: 'selected', cents: 82_852_626, confirm: false },
      ...{ domains: ['pilotage', 'resultats'], paid: { advance: 0, 'start-up': 0, use: 0 } },
      source: expect.stringContaining('dsih.fr'),
    },
  ])
  const others = all.filter(({ invented }) => invented)
  expect(
    others.filter(({ finess, name }) => !/^\d\d99/.test(finess) || !finessKeyHolds(finess) || !/fict/.test(name)),
  ).toEqual([])
  expect(new Set(others.map(({ state }) => state)).size).toBe(5)
  expect(await fillProgrammes(parts)).toBe(0)
  const territories = await views.territories('hopital-numerique', null)
  expect(territories.map(({ department }) => department)).toEqual(['44', '49', '53', '72', '85'])
  const sums = (await views.sums(null)).get('hopital-numerique')!
  expect(territories.reduce((sum, { engaged }) => sum + engaged, 0)).toBe(sums.engaged)
  expect(sums.paid).toBeLessThan(sums.engaged)
})
