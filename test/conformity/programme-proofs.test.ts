import { expect, test } from 'vitest'
import { act } from './acting.ts'
import { asked, code, enrolled, HOMES, HOSPITAL, officer, other, world } from './programme-world.ts'

const FINESS = '539990028'
const HOPEN = { programme: 'hopen-2', finess: FINESS, domains: ['identites-acces'], cents: 100_000 } as const
const counted = (use: string, signature: string, n: number) => ({
  sql: `INSERT INTO conformity_count (establishment, use, side, day, kind, application, signature, n)
    VALUES ('ch-fictif', ?, 'sent', '2026-11-20', 'ADT^A01', 'DPI', ?, ?)`,
  parameters: [use, signature, n],
})

test('a target that is met no more when it is checked is not checked', async () => {
  const here = await world()
  const { commands, rows } = here
  const { id } = await enrolled(here, HOPEN)
  await commands.move(id, 'selected', officer)
  await rows(counted('production', '', 60))
  expect(await commands.move(id, 'target-met', officer)).toMatchObject({ ok: true })
  await rows(counted('production', 'INS_KEY', 60))
  expect(await commands.move(id, 'checked', other)).toEqual({ ok: false, missing: ['targets'] })
  await rows({ sql: `DELETE FROM conformity_count WHERE signature = 'INS_KEY'`, parameters: [] })
  expect(await commands.move(id, 'checked', other)).toMatchObject({ ok: true })
})

test.each<[verdict: string, why: string, said: string]>([
  ['met', 'probe', 'reached'],
  ['met', 'overridden', 'reached set'],
  ['not-measured', 'probe', 'not-measured'],
])('how a milestone stood (%s by %s) is told with the move that money rests on: %s', async (verdict, why, said) => {
  const here = await world()
  const { commands, rows, events, views } = here
  const { id } = await enrolled(here, HOPEN)
  await commands.move(id, 'selected', officer)
  await rows(counted('production', '', 60), {
    sql: `INSERT INTO conformity_verdict (use, framework, establishment, requirement, verdict, why, good, total, found, software,
        until_ms, since_ms, judged_at_ms, regressed_from)
      VALUES ('production', 'ci-sis@2026.1', 'ch-fictif', 'TRANSPORT-TLS', ?, ?, 0, 0, '[]', '[]', NULL, 7, 8, NULL)`,
    parameters: [verdict, why],
  })
  await commands.move(id, 'target-met', officer)
  expect((await events()).at(-1)).toMatch(new RegExp(` target-met identites 60/60 counts \\S+ ${said}$`))
  expect((await views.one(id, null))?.milestones[0]?.requirements[0]?.byPerson).toBe(why === 'overridden')
})

test('what was checked stays what it was: no figure is declared any more', async () => {
  const here = await world()
  const { commands } = here
  const { id } = await enrolled(here, { cents: 100_000 })
  await commands.move(id, 'selected', officer)
  await commands.pay(id, { part: 'start-up', cents: 20_000, paidOn: '2014-03-01' }, officer)
  await commands.move(id, 'started', officer)
  const declare = (numerator: number) =>
    commands.declare(id, { target: 'dossier', numerator, denominator: 1_000 }, act('anne'))
  await declare(900)
  await commands.move(id, 'target-met', officer)
  expect(await commands.move(id, 'checked', other)).toMatchObject({ ok: true })
  expect(await code(declare(1_000))).toBe('PROGRAMME_TARGET')
})

test('of what a file says was checked, another person pays for use than who imported it', async () => {
  const here = await world()
  const { commands, views } = here
  const file = [
    'finess;name;kind;domains;state;amount;paidStartUp;invented',
    `${HOSPITAL};CH de Test (fictif);hospital;dossier;checked;1000,00;200,00;1`,
  ].join('\r\n')
  expect(await commands.import('hopital-numerique', file, false, officer)).toMatchObject({ created: 1 })
  const [{ id } = { id: '' }] = await views.enrolments('hopital-numerique', {}, null)
  const pay = (who: typeof officer) => commands.pay(id, { part: 'use', cents: 80_000, paidOn: '2026-11-26' }, who)
  expect(await code(pay(officer))).toBe('PROGRAMME_SECOND')
  expect(await code(pay(other))).toBe('done')
})

test.each<[day: string, said: string]>([
  ['2026-11-27', 'done'],
  ['2026-11-28', 'PROGRAMME_PAYMENT'],
])('a payment on %s, noted on 2026-11-27: %s', async (paidOn, said) => {
  const here = await world()
  const { id } = await enrolled(here, { cents: 100_000 })
  await here.commands.move(id, 'selected', officer)
  expect(await code(here.commands.pay(id, { part: 'start-up', cents: 1, paidOn }, officer))).toBe(said)
})

test.each<[invented: boolean, by: string | null]>([
  [true, 'counts'],
  [false, null],
])('in a region on trial tests count for an enrolment that is invented (%s): by %s', async (invented, by) => {
  const here = await world()
  here.onTrial()
  const { id } = await enrolled(here, { ...HOPEN, invented })
  await here.rows(counted('qualification', '', 60), {
    sql: `INSERT INTO conformity_verdict (use, framework, establishment, requirement, verdict, why, good, total, found, software,
        until_ms, since_ms, judged_at_ms, regressed_from)
      VALUES ('qualification', 'ci-sis@2026.1', 'ch-fictif', 'TRANSPORT-TLS', 'met', 'probe', 0, 0, '[]', '[]', NULL, 7, 8, NULL)`,
    parameters: [],
  })
  const shown = await here.views.one(id, null)
  expect(shown?.targets.map((one) => one.by)).toEqual([by])
  expect(shown?.milestones.map(({ reached }) => reached)).toEqual([invented ? true : null])
})

test('a legal entity and its place that are enrolled at one instant are enrolled once', async () => {
  const here = await world()
  const [ej, eg, third] = HOMES as [string, string, string]
  here.declares([
    { id: 'homes', name: 'Foyers (fictif)', kind: 'hospital', finess: { ej, eg: [eg] } },
    { id: 'apart', name: 'Foyer (fictif)', kind: 'hospital', finess: { ej: third, eg: [] } },
  ])
  const enrol = (finess: string) => here.commands.enrol(asked({ finess, domains: ['dossier'] }), officer)
  const all = await Promise.all([ej, eg, third].map(enrol))
  expect(all.filter(({ ok }) => ok)).toHaveLength(2)
  expect(all[2]).toMatchObject({ ok: true })
  expect((await here.views.enrolments('hopital-numerique', {}, null)).length).toBe(2)
})

test('a place does not get anew what its legal entity was paid for', async () => {
  const here = await world()
  const [ej, eg] = HOMES as [string, string]
  here.declares([{ id: 'homes', name: 'Foyers (fictif)', kind: 'hospital', finess: { ej, eg: [eg] } }])
  const line = (finess: string) =>
    [
      'finess;name;kind;domains;state;amount;paidStartUp;paidUse;invented',
      `${finess};Foyers (fictif);hospital;d1;settled;1000,00;200,00;800,00;1`,
    ].join('\r\n')
  expect(await here.commands.import('hopen', line(ej), false, officer)).toMatchObject({ created: 1 })
  expect((await here.commands.import('hopen', line(eg), false, officer)).problems).toMatchObject([
    { fault: 'enrolled' },
  ])
})

test('files that tell of the same at one instant are taken once', async () => {
  const here = await world()
  const file = [
    'finess;name;kind;domains;state;amount;paidStartUp;paidUse;invented',
    `${HOSPITAL};CH Test (fictif);hospital;d1;settled;1000,00;200,00;800,00;1`,
  ].join('\r\n')
  const run = () => code(here.commands.import('hopen', file, false, officer))
  expect((await Promise.all([run(), run()])).sort()).toEqual(['PROGRAMME_CHANGED', 'done'])
  expect((await here.views.sums(null)).get('hopen')).toEqual({ enrolments: 1, engaged: 100_000, paid: 100_000 })
})
