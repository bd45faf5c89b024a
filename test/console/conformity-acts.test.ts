import { writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { machineClock, machineIds } from '../../src/app/cli/machine.ts'
import { conformityCommands } from '../../src/conformity/commands.ts'
import { evidenceViews } from '../../src/conformity/evidence/views.ts'
import { frameworkShelf } from '../../src/conformity/framework-shelf.ts'
import { conformityActsPlugin } from '../../src/console/conformity-acts.ts'
import { conformityActPages } from '../../src/console/page/conformity/acts-plugin.ts'
import { passerelle } from '../cli/terminal.ts'
import { CANARY, frameworkSource, frameworkText } from '../conformity/acting.ts'
import { notebook } from '../support/peers/notebook.ts'
import { until } from '../support/world/until.ts'
import { type Running, startConsole } from './gateway.ts'
import { operator, sha256, someConfig } from './region.ts'

const OFFICER = 'demo-conformity-officer'
const OTHER = 'paul'
const LAVAL = 'demo-establishment-it'
const AT = '/api/conformity'
const WHY = { reason: 'dossier 12' }
const YAML = frameworkText()
/** Words of the spine that nobody is shown in French. */
const FORBIDDEN = /gateway|parked|queued|replay|resend|finding|lane\b|unknown|expired|undefined|\bnull\b|NaN/i

interface Door extends Running {
  /** A form of a page, or with `path` alone a page, in French; what is seen of it. */
  page(path: string, form?: Readonly<Record<string, string>> | FormData, key?: string): Promise<Shown>
  /** Sends a form of the API with a file. */
  upload(
    fields: Readonly<Record<string, string>>,
    file: string | Uint8Array | null,
    key?: string,
  ): ReturnType<Running['call']>
}
interface Shown {
  readonly status: number
  readonly text: string
  readonly seen: string
  readonly to: string | null
}

/** A console with the acts of conformity, and people in every role that they ask for. */
async function conformityDoor(): Promise<Door> {
  const officer = operator('conformity-officer')
  const operators = [
    ...[officer, { ...officer, name: OTHER, keySha256: sha256(OTHER) }],
    ...[operator('establishment-it', ['ch-laval']), operator('support'), operator('admin')],
  ]
  const config = someConfig({ operators })
  const running = await startConsole(
    {
      behind: ({ journal }) => {
        const source = frameworkSource()
        const { log } = notebook()
        const shelf = frameworkShelf({ journal, source, log })
        const parts = { journal, config: () => config, shelf, source, log, clock: machineClock, ids: machineIds }
        const acting = { ...parts, changed: () => {} }
        const acts = { commands: conformityCommands(acting), views: evidenceViews(acting) }
        const pages = { config: () => config, version: '1.2.3', demo: false, shelf, clock: machineClock, ...acts }
        return [conformityActsPlugin(acts), conformityActPages(pages)]
      },
    },
    config,
  )
  return {
    ...running,
    async page(path, form, key = OFFICER) {
      const response = await fetch(running.url + path, {
        method: form === undefined ? 'GET' : 'POST',
        redirect: 'manual',
        headers: { authorization: `Bearer ${key}`, 'accept-language': 'fr' },
        ...(form === undefined ? {} : { body: form instanceof FormData ? form : new URLSearchParams(form) }),
      })
      const text = await response.text()
      const body = text.replace(/^.*?<main/s, '<main').replace(/<footer.*$/s, '')
      const seen = body
        .replaceAll(/<textarea.*?<\/textarea>/gs, '')
        .replace(/<[^>]*>/g, ' ')
        .replaceAll('&#39;', "'")
        .replace(/\s+/g, ' ')
      return { status: response.status, text: body, seen, to: response.headers.get('location') }
    },
    async upload(fields, file, key = LAVAL) {
      const form = new FormData()
      for (const [name, value] of Object.entries(fields)) form.set(name, value)
      if (file !== null) form.set('file', new Blob([file as Uint8Array<ArrayBuffer>]), `${CANARY}.pdf`)
      const response = await fetch(`${running.url}${AT}/evidence`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}` },
        body: form,
      })
      const text = await response.text()
      return { status: response.status, headers: response.headers, text, json: JSON.parse(text) }
    },
  }
}

const asked = (requirement: string, establishment = 'ch-laval') => ({
  ...{ establishment, framework: 'essai@1', requirement },
})

test('over the API: a framework, evidence from its filing to its withdrawal, a set verdict', async () => {
  const { call, upload, log } = await conformityDoor()
  const post = (path: string, body: object, key = OFFICER) => call(`${AT}/${path}`, { key, body })

  const wrong = await post('frameworks?check=true', {
    yaml: frameworkText({ status: 'x' as never, version: 7 as never }),
  })
  expect([wrong.status, wrong.json.code, wrong.json.problems]).toEqual([
    ...[422, 'FRAMEWORK_INVALID'],
    [
      expect.objectContaining({ line: 4, column: 14, at: 'version' }),
      expect.objectContaining({ line: 10, at: 'status' }),
    ],
  ])
  expect((await post('frameworks', { yaml: 'a: [', ...WHY })).json).toMatchObject({ problems: [{ line: 1 }] })
  expect((await post('frameworks', { yaml: YAML })).status).toBe(400)
  expect((await post('frameworks?check=true', { yaml: YAML })).json).toEqual({
    ...{ name: 'essai@1', new: true, requirements: 5 },
  })
  expect((await post('frameworks', { yaml: YAML, ...WHY })).json).toMatchObject({ new: true })
  expect((await post('frameworks', { yaml: YAML, ...WHY })).json).toMatchObject({ new: false })
  const other = frameworkText({ publisher: 'Autre' })
  expect((await post('frameworks', { yaml: other, ...WHY })).json).toMatchObject({
    status: 409,
    code: 'FRAMEWORK_TAKEN',
  })

  const pdf = `%PDF-1.7 ${CANARY}`
  const filed = await upload({ ...asked('ANY'), statement: `Voir ${CANARY}`, sha256: sha256(pdf) }, pdf)
  expect([filed.status, filed.json]).toMatchObject([
    200,
    { state: 'filed', filedBy: LAVAL, document: { type: 'application/pdf', bytes: pdf.length, sha256: sha256(pdf) } },
  ])
  const said = await post('evidence', { ...asked('SAY'), statement: 'Nous déclarons.' }, OFFICER)
  expect(said.json).toMatchObject({ document: null, filedBy: OFFICER })
  const one = `evidence/${filed.json.id}`
  expect((await post(`evidence/${said.json.id}/review`, { accept: true, ...WHY })).json).toMatchObject({
    ...{ status: 409, code: 'EVIDENCE_OWN' },
  })
  expect((await post(`${one}/review`, { accept: true, until: 'demain', ...WHY })).status).toBe(400)
  expect((await post(`${one}/review`, { accept: true })).status).toBe(400)
  const accepted = await post(`${one}/review`, { accept: true, until: '2030-12-31', ...WHY }, OTHER)
  expect(accepted.json).toMatchObject({
    ...{ state: 'accepted', validUntil: '2030-12-31T23:00:00.000Z', reviewed: { by: OTHER, why: WHY.reason } },
  })
  const list = (await call(`${AT}/evidence?establishment=ch-laval&state=filed`, { key: OFFICER })).json
  expect(list).toMatchObject({ evidence: [{ id: said.json.id }], next: null })

  const lapsing = async (query: string, key = OFFICER) => (await call(`${AT}/evidence/lapsing${query}`, { key })).json
  expect(await lapsing('')).toEqual({ evidence: [] })
  expect(await lapsing('?within=9999%20d')).toEqual({ evidence: [{ ...accepted.json, lapsed: false, renewed: false }] })
  expect(await lapsing('?within=3%20ans')).toMatchObject({ status: 400 })

  const file = await call(`${AT}/${one}/file`, { key: LAVAL })
  expect([file.text, Object.fromEntries(file.headers)]).toEqual([
    pdf,
    expect.objectContaining({
      'content-type': 'application/pdf',
      'content-disposition': `attachment; filename="preuve-${filed.json.id}.pdf"`,
      'content-security-policy': "sandbox; default-src 'none'",
      'x-content-type-options': 'nosniff',
    }),
  ])
  expect((await call(`${AT}/evidence/${said.json.id}/file`, { key: OFFICER })).status).toBe(404)
  expect((await post(`${one}/withdraw`, WHY, LAVAL)).json).toMatchObject({
    state: 'withdrawn',
    withdrawn: { by: LAVAL },
  })

  const set = { ...asked('FLOW'), verdict: 'not-applicable', ...WHY }
  expect((await post('overrides', { ...set, until: '2030-01-01' })).json).toMatchObject({
    ...{ use: 'production', verdict: 'not-applicable', who: OFFICER, until: '2030-01-01T23:00:00.000Z' },
  })
  expect((await post('overrides', { ...set, verdict: 'lapsed' })).status).toBe(400)
  const held = async (query = '') => (await call(`${AT}/overrides${query}`, { key: OFFICER })).json.overrides
  expect(await held()).toMatchObject([
    { ...asked('FLOW'), who: OFFICER, why: WHY.reason, until: '2030-01-01T23:00:00.000Z' },
  ])
  expect([await held('?requirement=FLOW'), await held('?establishment=chu-angers')]).toMatchObject([[{}], []])
  expect((await post('overrides/lift', { ...asked('FLOW'), ...WHY })).json).toEqual({ lifted: true })
  expect(await held()).toEqual([])
  expect((await post('frameworks/essai@1/withdraw', WHY)).json).toEqual({ name: 'essai@1', state: 'withdrawn' })
  expect((await post('evidence', { ...asked('SAY'), statement: 'x' })).json).toMatchObject({
    code: 'EVIDENCE_REQUIREMENT',
  })
  expect(log.join('\n')).not.toContain(CANARY)
})

test('who may do what, and to whose evidence', async () => {
  const { call, upload } = await conformityDoor()
  await call(`${AT}/frameworks`, { key: OFFICER, body: { yaml: YAML, ...WHY } })
  const { id } = (await upload(asked('DOC', 'chu-angers'), '%PDF-', OFFICER)).json
  const said = { ...asked('SAY'), statement: 'x' }
  const cases: [path: string, body: object | undefined, laval: number, support: number][] = [
    ['evidence', undefined, 200, 403],
    [`evidence/${id}`, undefined, 404, 403],
    [`evidence/${id}/file`, undefined, 404, 403],
    ['evidence/lapsing', undefined, 200, 403],
    ['overrides', undefined, 403, 403],
    ['evidence', said, 200, 403],
    ['evidence', { ...said, establishment: 'chu-angers' }, 404, 403],
    [`evidence/${id}/withdraw`, WHY, 404, 403],
    [`evidence/${id}/review`, { accept: true, ...WHY }, 403, 403],
    ['overrides', { ...asked('FLOW'), verdict: 'met', ...WHY }, 403, 403],
    ['overrides/lift', { ...asked('FLOW'), ...WHY }, 403, 403],
    ['frameworks', { yaml: YAML, ...WHY }, 403, 403],
    ['frameworks/essai@1/withdraw', WHY, 403, 403],
  ]
  for (const [path, body, laval, support] of cases) {
    const statuses: number[] = []
    for (const key of [LAVAL, 'demo-support', 'demo-admin', 'demo-ch-laval'])
      statuses.push((await call(`${AT}/${path}`, { key, body })).status)
    expect([path, ...statuses]).toEqual([path, laval, support, 403, 403])
  }
  expect((await call(`${AT}/evidence`, { key: LAVAL })).text).not.toContain('chu-angers')
})

test('hostile uploads: too big, of a wrong type, in no form, cut off: nothing is seen of them', async () => {
  const { call, upload, url, journal } = await conformityDoor()
  await call(`${AT}/frameworks`, { key: OFFICER, body: { yaml: YAML, ...WHY } })
  const parts = async (): Promise<number> => {
    const sql = 'SELECT count(*) AS n FROM conformity_evidence_part'
    return Number((await journal.look<{ n: number }>({ sql, parameters: [] }))[0]?.n)
  }
  const post = async (type: string, body: string): Promise<number> => {
    const headers = { authorization: `Bearer ${LAVAL}`, 'content-type': type }
    return (await fetch(`${url}${AT}/evidence`, { method: 'POST', headers, body })).status
  }
  const field = (name: string, value: string): string =>
    `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
  const named = Object.entries(asked('DOC'))
    .map(([name, value]) => field(name, value))
    .join('')
  const file = '--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n'
  const form = 'multipart/form-data; boundary=b'
  const big = Buffer.concat([Buffer.from('%PDF-'), Buffer.alloc(10 * 1024 ** 2, 'x')])
  expect([
    (await upload(asked('DOC'), '<html><script>')).json.code,
    (await upload(asked('DOC'), big)).json.code,
    (await upload(asked('DOC'), null)).json.code,
    (await upload({ ...asked('DOC'), more: 'x' }, '%PDF-')).status,
    (await upload({ ...asked('DOC'), sha256: '0'.repeat(64) }, '%PDF-')).json.code,
    await post('multipart/form-data', `${named}${file}%PDF-\r\n--b--`),
    await post(form, `${named}${file}%PDF-`),
    await post(form, `${named}${named}${file}%PDF-\r\n--b--`),
    await post(form, `${field('statement', 'x'.repeat(20_000))}${named}${file}%PDF-\r\n--b--`),
    await post(form, `${file}%PDF-\r\n--b--`),
    await post('application/octet-stream', '%PDF-'),
    await post('application/json', '{}'),
  ]).toEqual([
    ...['EVIDENCE_TYPE', 'UPLOAD_TOO_LONG', 'EVIDENCE_EMPTY', 400, 'UPLOAD_DAMAGED', 415, 400, 400, 400, 400, 415, 400],
  ])
  // A line that breaks while parts are written already.
  const headers = { authorization: `Bearer ${LAVAL}`, 'content-type': form, 'content-length': 5_000_000 }
  const sent = request(`${url}${AT}/evidence`, { method: 'POST', headers })
  sent.on('error', () => {})
  sent.write(`${named}${file}%PDF-`)
  sent.write(Buffer.alloc(2 * 1024 ** 2, 'x'))
  await until('some of it is written', async () => (await parts()) > 0)
  sent.destroy()
  await until('it is gone', async () => (await parts()) === 0)
  expect((await call(`${AT}/evidence`, { key: LAVAL })).json.evidence).toEqual([])
  // The door goes on.
  expect((await upload(asked('DOC'), '%PDF-')).status).toBe(200)
})

test('the pages: publish with problems at their lines, file, review, withdraw, set and lift a verdict', async () => {
  const { page } = await conformityDoor()
  const words: string[] = []
  const see = async (...ask: Parameters<Door['page']>): Promise<Shown> => {
    const shown = await page(...ask)
    if (shown.status < 400) words.push(...(FORBIDDEN.exec(shown.seen.replaceAll(/[A-Z]+(_[A-Z]+)+/g, '')) ?? []))
    return shown
  }
  expect((await see('/conformite/referentiels')).seen).toContain('Aucun référentiel n’est publié.')
  expect((await see('/conformite/preuves/deposer')).seen).toContain('Aucun référentiel en vigueur')
  const bad = frameworkText({ status: '<b>' as never })
  const told = await see('/conformite/referentiels', { yaml: bad, act: 'check', reason: '' })
  expect(told.seen).toMatch(/Ligne Colonne .* 10 13 status not one of .* "status": "&lt;b&gt;"|10 13 status/)
  expect([told.text.includes('<b>'), told.text.includes('role="alert"')]).toEqual([false, true])
  const yaml = { yaml: YAML.replaceAll('\n', '\r\n'), reason: 'dossier 12' }
  expect((await see('/conformite/referentiels', { ...yaml, act: 'check' })).seen).toContain('essai@1 peut être publié.')
  expect((await see('/conformite/referentiels', { ...yaml, act: 'publish', reason: '' })).seen).toContain(
    'Dites pourquoi',
  )
  expect((await see('/conformite/referentiels', { ...yaml, act: 'publish' })).seen).toContain('essai@1 est publié.')
  const shelf = await see('/conformite/referentiels?depuis=essai@1')
  expect(shelf.seen).toMatch(
    /Référentiel d’essai essai 1 Publié Essai depuis le 1 janv. 2020 .* demo-conformity-officer/,
  )
  expect(shelf.text).toContain('# Invented')
  expect((await page('/conformite/referentiels/essai%401/texte')).text).toBe(YAML)

  const form = await see(
    '/conformite/preuves/deposer?establishment=ch-laval&framework=essai@1&requirement=SAY',
    undefined,
    LAVAL,
  )
  expect([/value="essai@1 SAY" selected/.test(form.text), /chu-angers|FLOW/.test(form.text)]).toEqual([true, false])
  const filing = (more: Readonly<Record<string, string>>, file?: string): FormData => {
    const data = new FormData()
    for (const [name, value] of Object.entries({ establishment: 'ch-laval', ...more })) data.set(name, value)
    data.set('file', new Blob(file === undefined ? [] : [file]), file === undefined ? '' : 'x.pdf')
    return data
  }
  const empty = await see('/conformite/preuves/deposer', filing({ asked: 'essai@1 SAY', statement: '' }), LAVAL)
  expect(empty.seen).toContain("Il manque ce que demande l'exigence")
  const html = await see(
    '/conformite/preuves/deposer',
    filing({ asked: 'essai@1 ANY', statement: 'a <i>' }, '<html>'),
    LAVAL,
  )
  expect(html.seen).toContain('Un document est en PDF')
  expect(html.text).toContain('a &lt;i&gt;</textarea>')
  const filed = await see(
    '/conformite/preuves/deposer',
    filing({ asked: 'essai@1 ANY', statement: 'a <i>' }, '%PDF-'),
    LAVAL,
  )
  const one = filed.to ?? ''
  expect(one).toMatch(/^\/conformite\/preuves\/[0-9a-f-]{36}$/)
  const own = await see(one, undefined, LAVAL)
  expect(own.seen).toMatch(
    /À examiner .* un document ou une déclaration · Exigence ANY .* Déposée par demo-establishment-it .* Déclaration a &lt;i&gt; Document Télécharger/,
  )
  expect([own.text.includes('/examiner'), own.text.includes('/retirer')]).toEqual([false, true])
  expect((await see('/conformite/preuves')).seen).toMatch(
    /À examiner Exigence .* ANY essai@1 Centre hospitalier de Laval/,
  )
  expect((await page(`${one}/document`)).text).toBe('%PDF-')

  expect((await see(`${one}/examiner`, { act: 'accept', until: '2020-01-01', reason: 'vu' })).seen).toContain('à venir')
  expect((await see(`${one}/examiner`, { act: 'accept', reason: ' ' })).seen).toContain('Dites pourquoi')
  expect((await page(`${one}/examiner`, { act: 'accept', reason: 'vu' }, LAVAL)).status).toBe(403)
  const soon = new Date(Date.now() + 10 * 86_400_000).toISOString().slice(0, 10)
  expect((await see(`${one}/examiner`, { act: 'accept', until: soon, reason: 'vu' })).to).toBe(one)
  expect((await see(one)).seen).toMatch(/Acceptée .* Examinée .* par demo-conformity-officer, motif : « vu »/)
  expect((await see('/conformite/preuves?state=accepted')).seen).toMatch(/Bientôt échue .* Acceptée/)
  expect((await see(`${one}/examiner`, { act: 'reject', reason: 'non' })).seen).toContain('déjà été examinée')
  expect((await see(`${one}/retirer`, { reason: 'erreur' }, LAVAL)).to).toBe(one)
  expect((await see(one)).seen).toMatch(/Retirée .* motif : « erreur »/)
  const mine = (await see('/conformite/preuves/deposer', filing({ asked: 'essai@1 SAY', statement: 'oui' }))).to ?? ''
  expect((await see(mine)).seen).toContain('une autre personne l’examine')
  expect((await see(mine, undefined, OTHER)).text).toContain('/examiner')

  const set = {
    establishment: 'ch-laval',
    asked: 'essai@1 FLOW',
    use: 'production',
    verdict: 'met',
    reason: 'sur place',
  }
  expect((await see('/conformite/verdicts', { ...set, until: '2020-01-01' })).seen).toContain('à venir')
  expect((await see('/conformite/verdicts', { ...set, until: '' })).to).toBe('/conformite/verdicts')
  expect((await see('/conformite/verdicts')).seen).toMatch(
    /FLOW essai@1 Centre hospitalier de Laval Production Conforme jusqu’à sa levée .* par demo-conformity-officer, motif : « sur place »/,
  )
  expect((await page('/conformite/verdicts', undefined, LAVAL)).status).toBe(403)
  expect((await see('/conformite/verdicts/lever', { ...set, reason: 'fini' })).to).toBe('/conformite/verdicts')
  expect((await see('/conformite/verdicts')).seen).toContain('Aucun verdict n’est fixé.')
  expect((await see('/conformite/referentiels/essai%401/retirer', { reason: 'remplacé' })).to).toBe(
    '/conformite/referentiels',
  )
  expect((await see('/conformite/referentiels')).seen).toMatch(/Retiré .* motif : « remplacé »/)
  expect(words).toEqual([])
})

test('the command line: check, publish, withdraw, list and review', async () => {
  const { url, dir, call } = await conformityDoor()
  const cli = (...argv: string[]) =>
    passerelle(['conformity', ...argv, '--url', url], { PASSERELLE_KEY: OFFICER, LANG: 'fr_FR.UTF-8' })
  const file = join(dir, 'f.yaml')
  writeFileSync(file, frameworkText({ status: 'x' as never }))
  expect(await cli('publish', file, '--check')).toMatchObject({
    ...{
      code: 1,
      err: expect.stringMatching(/f\.yaml:10:13: BAD_VALUE status: .*\n.*FRAMEWORK_INVALID: Le référentiel/s),
    },
  })
  writeFileSync(file, YAML)
  expect(await cli('publish', file, '--check')).toMatchObject({ code: 0, out: 'essai@1 : peut être publié\n' })
  expect(await cli('publish', file)).toMatchObject({ code: 2 })
  expect(await cli('publish', file, '--reason', 'x')).toMatchObject({ code: 0, out: 'essai@1 : publié\n' })
  const said = { ...asked('SAY'), statement: 'x' }
  const { id } = (await call(`${AT}/evidence`, { key: LAVAL, body: said })).json
  expect((await cli('evidence', 'list', '--state', 'filed')).out).toMatch(
    new RegExp(`^${id} filed +ch-laval essai@1 SAY`),
  )
  expect(await cli('evidence', 'review', id, '--reason', 'vu')).toMatchObject({ code: 2 })
  const review = ['evidence', 'review', id, '--reason', 'vu', '--accept', '--until', '2030-12-31']
  expect(await cli(...review, '--json')).toMatchObject({ code: 0, out: expect.stringContaining('"state":"accepted"') })
  expect(await cli(...review)).toMatchObject({ code: 1, err: expect.stringContaining('EVIDENCE_STATE') })
  expect(await cli('withdraw', 'essai@1', '--reason', 'x')).toMatchObject({ code: 0, out: 'essai@1 : retiré\n' })
  expect([(await cli('evidence', 'show')).code, (await cli('other', 'x')).code]).toEqual([2, 2])
})
