import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { wantedProbes } from '../../src/conformity/probing.ts'
import type { Config } from '../../src/core/config.ts'
import { faultKind, PROBE_FAULTS, type ProbeFault } from '../../src/core/probe-faults.ts'
import { oru } from '../pipeline/stage.ts'
import { farSide, makeWorld, mllpAt, type World } from '../running/gateway.ts'
import { frameworkOf, requirementOf } from './pieces.ts'

const AT = '/api/conformity/establishments/receiver'
const MAIN = new URL('../../bin/passerelle.js', import.meta.url).pathname

const got = (world: World, path: string): Promise<Response> =>
  fetch(world.url() + path, { headers: { authorization: 'Bearer officer' } })

/** A message that is tried out, by the API and by the form: what is wrong with it is told, and nothing of it is kept or logged. */
async function triedOut(world: World): Promise<void> {
  const { received, refused } = await status(world)
  expect([typeof received, typeof refused]).toEqual(['number', 'number'])
  const message = oru({ 5: '', 10: 'TRY-1' }, 'CANARI^^^SENDER^PI')
  const tell = (body: string, type: string, establishment = 'sender') =>
    fetch(`${world.url()}/api/conformity/check?establishment=${establishment}`, {
      ...{ method: 'POST', body, headers: { authorization: 'Bearer officer', 'content-type': type } },
    })
  const said = (await (await tell(message, 'application/hl7-v2')).json()) as {
    answer: string
    messages: { kind: string }[]
    findings: { severity: string; at: string; said: { fr: string }; source: string; rule: string }[]
    requirements: { requirement: string; counts: string; failing: string[] }[]
  }
  expect([said.answer, said.messages[0]?.kind]).toEqual(['taken', 'ORU^R01'])
  expect(said.findings).toContainEqual(
    expect.objectContaining({ severity: 'mend', at: 'MSH-5', rule: expect.stringMatching(/^V0-/) }),
  )
  expect(said.requirements.some(({ counts }) => counts === 'for')).toBe(true)
  expect((await tell(message, 'text/plain')).status).toBe(415)
  expect((await tell(message, 'application/hl7-v2', 'nobody')).status).toBe(404)
  const real = (await (await tell(oru({ 11: 'P' }), 'application/hl7-v2')).json()) as { code: string; detail: string }
  expect([real.code, real.detail]).toEqual(['CHECK_REAL_PATIENT', expect.stringMatching(/identité de test|test ident/)])
  const form = new FormData()
  form.set('establishment', 'sender')
  form.set('message', message.replaceAll('\r', '\r\n'))
  const page = await fetch(`${world.url()}/conformite/essai?lang=fr`, {
    ...{ method: 'POST', body: form, headers: { authorization: 'Bearer officer' } },
  })
  const html = await page.text()
  for (const words of ['Le message serait accepté.', 'À corriger', 'MSH-5', 'Exigences pour lesquelles']) {
    expect(html).toContain(words)
  }
  expect(await status(world)).toMatchObject({ received, refused })
  expect(JSON.stringify(world.notebook.lines)).not.toContain('CANARI')
}

const status = async (world: World) => (await (await got(world, '/api/status')).json()) as Record<string, number>

const OFFICER = {
  ...{ name: 'officer', role: 'conformity-officer' },
  keySha256: createHash('sha256').update('officer').digest('hex'),
}

test('through the doors: probes find what they find, verdicts follow, and the statement of them can be verified by anybody', {
  timeout: 240_000,
}, async () => {
  const receiver = await farSide()
  const world = makeWorld()
  const conformity = { public: { frameworks: ['ci-sis@2026.1'], establishments: 'all' } }
  world.write({ gam: mllpAt(receiver) }, { operators: [OFFICER], conformity })
  await world.start()
  const ask = await fetch(`${world.url()}${AT}/probe`, {
    method: 'POST',
    headers: { authorization: 'Bearer officer', 'content-type': 'application/json' },
    body: JSON.stringify({ framework: 'ci-sis@2026.1', reason: 'Essai de raccordement' }),
  })
  expect(ask.status).toBe(200)
  const { probes } = (await ask.json()) as {
    probes: { probe: string; endpoint: string; outcome: string; faults: { fault: string; said: { fr: string } }[] }[]
  }
  const outcomes = Object.fromEntries(
    probes.map(({ probe, outcome, faults }) => [probe, [outcome, ...faults.map(({ fault }) => fault)]]),
  )
  // The receiver of the tests answers without swapping who sends and who receives.
  expect(outcomes).toMatchObject({ mllp: ['fail', 'MSH_NOT_SWAPPED'], tls: ['fail', 'NO_TLS'] })
  expect(probes.find(({ probe }) => probe === 'tls')?.faults[0]?.said.fr).toMatch(/TLS/)
  // The verdict of the requirement that asked is made of it.
  await expect
    .poll(
      async () => {
        const shown = (await (await got(world, `${AT}?framework=ci-sis%402026.1&use=qualification`)).json()) as {
          requirements: { requirement: string; verdict: string; why: string }[]
        }
        return shown.requirements.find(({ requirement }) => requirement === 'TRANSPORT-TLS')
      },
      { timeout: 30_000, interval: 500 },
    )
    .toMatchObject({ verdict: 'unmet', why: 'probe' })
  await triedOut(world)
  const statement = `${AT}/statement?framework=ci-sis%402026.1&use=qualification`
  const json = await (await got(world, statement)).text()
  expect(json).toContain('"TRANSPORT-TLS"')
  const pdf = await got(world, `${statement}&format=pdf`)
  expect(pdf.headers.get('content-type')).toBe('application/pdf')
  expect(pdf.headers.get('content-disposition')).toMatch(
    /^attachment; filename="constat-receiver-\d{4}-\d\d-\d\d\.pdf"$/,
  )
  const { publicKey } = (await (await got(world, '/api/conformity/key')).json()) as { publicKey: string }
  const file = (name: string, bytes: string | Buffer): string => {
    writeFileSync(join(world.dir, name), bytes)
    return join(world.dir, name)
  }
  const key = file('key.pem', publicKey)
  const verify = (path: string) =>
    promisify(execFile)(process.execPath, [MAIN, 'conformity', 'verify', path, '--key', key, '--json']).then(
      ({ stdout }) => JSON.parse(stdout) as { ok: boolean; fault: string | null; pages: string | null },
      (failed: { stdout: string }) =>
        JSON.parse(failed.stdout) as { ok: boolean; fault: string | null; pages: string | null },
    )
  const [good, pages, better] = await Promise.all([
    verify(file('constat.json', json)),
    verify(file('constat.pdf', Buffer.from(await pdf.arrayBuffer()))),
    verify(file('better.json', json.replace('"verdict":"unmet"', '"verdict":"met"'))),
  ])
  expect(good).toMatchObject({ ok: true, fault: null, pages: null })
  expect(pages).toMatchObject({ ok: true, fault: null, pages: 'same' })
  expect(better).toMatchObject({ ok: false, fault: 'changed' })
  expect((await got(world, `/api/conformity/establishments/nobody/statement`)).status).toBe(404)

  // In FHIR; and what is published stands beside it, of which tests prove nothing.
  const report = await got(world, `${AT}/test-report?framework=ci-sis%402026.1&use=qualification`)
  const { test: tests } = (await report.json()) as {
    test: { name: string; action: [{ assert: { result: string } }] }[]
  }
  expect(tests.find(({ name }) => name === 'TRANSPORT-TLS')?.action[0].assert.result).toBe('fail')
  const open = await fetch(`${world.url()}/public/conformite?lang=fr`)
  expect([open.status, open.headers.get('set-cookie')]).toEqual([200, null])
  expect(await open.text()).toContain('Rien n’est publié pour ce référentiel.')

  // The same on the page: with a reason, for one requirement, told how far it is, and what was found in words.
  const page = '/conformite/etablissements/receiver/sondes?referentiel=ci-sis%402026.1&usage=qualification&lang=fr'
  const site = await (await got(world, page.replace('/sondes', ''))).text()
  expect(site).toContain(
    `href="/conformite/etablissements/receiver/sondes?referentiel=ci-sis%402026.1&amp;usage=qualification"`,
  )
  expect(site).toContain('La destination est déclarée sans TLS')
  expect(site).toMatch(/<code>NO_TLS<\/code>\s: 1 point d&#39;accès/)
  const run = crypto.randomUUID()
  const post = async (fields: Record<string, string>, run?: string): Promise<string> => {
    const form = { requirement: 'TRANSPORT-TLS', ...fields, ...(run && { run }) }
    const headers = { authorization: 'Bearer officer', origin: world.url() }
    return (await fetch(world.url() + page, { method: 'POST', headers, body: new URLSearchParams(form) })).text()
  }
  expect(await post({ reason: ' ' })).toContain('role="alert"')
  const made = (await post({ reason: 'Essai' }, run)).replace(/\s+/g, ' ')
  expect(made).toContain('receiver/gam')
  expect(made).toMatch(/En défaut.*La destination est déclarée sans TLS : les données y passent en clair\./)
  expect(await (await got(world, `/api/runs/${run}`)).json()).toEqual({ done: 1, total: 1, ended: true })
  expect(await post({ reason: 'Essai', requirement: 'NOBODY-ASKS' })).toContain('BAD_REQUEST')
})

test('each fault of a probe has words where its values are not known', () => {
  for (const word of Object.keys(PROBE_FAULTS) as ProbeFault[]) {
    for (const language of ['fr', 'en'] as const) {
      expect(faultKind(word, language), word).not.toMatch(/[{}]|\(\)|null|undefined/)
      expect(faultKind(word, language).length).toBeGreaterThan(10)
    }
  }
})

test('a framework asks for the probes of those it is for, often enough that none lapses by itself', () => {
  const framework = frameworkOf([
    requirementOf('TLS', { by: 'probe', probe: 'tls', validDays: 7, settings: { mutual: true } }),
    requirementOf('CLOCK', { by: 'probe', probe: 'clock', validDays: 1, settings: {} }),
    requirementOf('PAPER', { by: 'evidence', accepts: 'either', validDays: 1, remindDays: 0 }),
  ])
  const establishments = new Map([
    ['h', { id: 'h', kind: 'hospital' }],
    ['n', { id: 'n', kind: 'nursing-home' }],
  ]) as unknown as Config['establishments']
  expect(wantedProbes([framework], { establishments })).toEqual([
    { name: 'trial@1/TLS', establishment: 'h', kind: 'tls', settings: { mutual: true }, everyMs: 86_400_000 },
    { name: 'trial@1/CLOCK', establishment: 'h', kind: 'clock', settings: {}, everyMs: 28_800_000 },
  ])
})
