import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, onTestFinished, test } from 'vitest'
import { machineClock } from '../../src/app/cli/machine.ts'
import { auditAndPrivacy } from '../../src/app/wiring/audit-and-privacy.ts'
import type { Journal } from '../../src/core/journal.ts'
import { cover } from '../../src/pipeline/audit/cover.ts'
import { storedKey } from '../../src/pipeline/audit/rows.ts'
import { passerelle } from '../cli/terminal.ts'
import { personEvent } from '../journal/made.ts'
import { axeFaults, browserTest, faultsOf, look } from '../support/chromium.ts'
import { AUTHORITY, CANARY, delivery, INS, intake, type Running, startConsole } from './gateway.ts'
import { operator, someConfig } from './region.ts'

const HOSTILE = `<script>alert(1)</script>"'><img src=x onerror=alert(1)>`
const PATIENT = `${AUTHORITY}|${INS}`
const QUIET = { info() {}, warn() {}, error() {} }
const closed = () => ({ deliveries: [delivery('platform', { state: 'delivered' })] })

async function seal(journal: Journal): Promise<void> {
  const parts = { journal, key: await storedKey(journal), site: 'Region' }
  while ((await cover(parts)).more);
}

/** A console whose audit tells of a patient, of somebody hostile, and of the platform. */
async function busy(): Promise<Running & { readonly message: string }> {
  const config = someConfig({
    operators: (['admin', 'dpo', 'auditor', 'operator', 'support'] as const).map((role) => operator(role)),
    retention: { closedMs: 86_400_000, refusedMs: 60_000, refusedMaxBytes: 1, ordersMs: 1, visitsMs: 1, auditMs: 1 },
    privacy: { holds: [], incidentHeadings: [`Rubrique ${HOSTILE}`] },
  })
  const running = await startConsole(
    {
      over: (journal) => ({
        plugins: auditAndPrivacy({
          journal,
          config: () => config,
          clock: machineClock,
          log: QUIET,
          version: '1.2.3',
          guided: false,
        }),
      }),
    },
    config,
  )
  const { journal } = running
  const one = intake(journal, 'C1', { ...closed(), kind: 'ADT^A01' })
  await journal.commit([one])
  const why = 'litige, demande du patient'
  const atMs = Date.parse('2026-03-03T13:02:00Z')
  await journal.apply({
    events: [
      personEvent('read-body', { who: 'demo-operator', message: one.id, why, atMs }),
      personEvent('close', { who: HOSTILE, why: HOSTILE, code: 'WRONG_STATE', detail: HOSTILE, atMs: atMs + 1_000 }),
      personEvent(HOSTILE, { who: 'ann', why: null, atMs: atMs + 2_000 }),
      personEvent('alert', { who: 'gateway', why: null, code: 'ALERT_AFTER', atMs: atMs + 3_000 }),
      personEvent('pause', { who: 'demo-admin', detail: 'chu-angers/dpi', atMs: atMs + 4_000 }),
    ],
  })
  await seal(journal)
  return { ...running, message: one.id }
}

/** What a reader sees of a page: no tags, no attributes, no raw JSON. */
function seen(html: string): string {
  return html
    .replace(/<head>.*<\/head>/s, '')
    .replace(/<pre.*?<\/pre>/gs, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
}

const form = async (running: Running, key: string, path: string, fields: Record<string, string>) => {
  const response = await fetch(running.url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}` },
    body: new URLSearchParams(fields),
    redirect: 'manual',
  })
  return { status: response.status, headers: response.headers, text: await response.text() }
}
const asked = { authority: AUTHORITY, identifier: INS, reason: 'plainte' }

const FORBIDDEN = [
  ...[
    'gateway',
    'parked',
    'queued',
    'replay',
    'resend',
    'dry run',
    'finding',
    'lane',
    'unknown',
    'expired',
    'poisoned',
  ],
  ...['mailbox', 'bounce', 'drill', 'break glass', 'needle'],
]

test('search, one event with its proof, the report of a patient and the document of an incident, in French', async () => {
  const running = await busy()
  const { call } = running
  const page = await call('/audit', { key: 'demo-dpo' })
  expect(page.status).toBe(200)
  const shown = seen(page.text)
  expect(shown).toContain('5 événements scellés, aucun ne manque.')
  expect(shown).toContain(
    `Le 3 mars 2026 à 14:02:00, demo-operator (Exploitant) a révélé le contenu du message ${running.message}, motif : « litige, demande du patient ».`,
  )
  expect(shown).toContain('la plateforme a signalé une alerte (ALERT_AFTER)')
  expect(shown).toContain('demo-admin (Administrateur) a suspendu les envois vers chu-angers/dpi')

  const some = seen((await call('/audit?what=pause&since=2026-03-03&until=2026-03-03', { key: 'demo-dpo' })).text)
  expect(some).toContain('a suspendu')
  expect(some).not.toContain('a révélé le contenu du message')
  expect(seen((await call('/audit?since=2026-03-04', { key: 'demo-dpo' })).text)).toContain('Aucun événement ne répond')
  expect(seen((await call('/audit?who=plateforme', { key: 'demo-dpo' })).text)).toContain('a signalé une alerte')

  const event = await call('/audit/1', { key: 'demo-dpo' })
  expect(seen(event.text)).toContain('Preuve vérifiée à l’instant')
  expect(event.text).toContain('&quot;resourceType&quot;: &quot;AuditEvent&quot;')
  expect((await call('/audit/99', { key: 'demo-dpo' })).status).toBe(404)

  const report = await form(running, 'demo-dpo', '/audit/patient', asked)
  expect(seen(report.text)).toMatch(/1 événements\. Établi le .* par demo-dpo \(Délégué à la protection des données\)/)
  expect(seen(report.text)).toContain('a révélé le contenu du message')
  expect(report.text).not.toContain(INS)
  const names = /name="names" value="([^"]+)"/.exec(report.text)![1]!
  const csv = await form(running, 'demo-dpo', '/audit/patient/csv', { names, reason: 'plainte' })
  expect(csv.text.split('\r\n')).toHaveLength(3)
  expect(csv.text).toContain('"read-body";"litige, demande du patient"')

  const days = { since: '2026-03-01', until: '2026-03-31', reason: 'incident' }
  const incident = await form(running, 'demo-dpo', '/audit/incident', days)
  expect(seen(incident.text)).toMatch(/Événements de l&#39;audit 5 .*Contenus révélés|Contenus révélés 1/)
  expect(seen(incident.text)).toContain('Rubrique &lt;script&gt;')
  for (const one of [page, event, report, incident, await call('/audit/incident', { key: 'demo-dpo' })]) {
    expect(one.text).not.toContain('<script>alert')
    expect(one.text).not.toContain('<img')
    const words = seen(one.text).toLowerCase()
    for (const word of FORBIDDEN) expect([word, words.includes(word)]).toEqual([word, false])
    for (const hidden of [CANARY, INS]) expect(one.text).not.toContain(hidden)
  }
})

test('what an event would be after a change is shown as wrong; the check of everything finds it', async () => {
  const running = await busy()
  const { journal, call } = running
  const check = async () => {
    let state = (await call('/api/audit/check', { key: 'demo-auditor', method: 'POST' })).json
    while (state.state === 'running') state = (await call('/api/audit/check', { key: 'demo-auditor' })).json
    return state
  }
  expect(await check()).toMatchObject({ state: 'sound', done: 5, total: 5, faults: [] })
  expect(seen((await call('/audit', { key: 'demo-auditor' })).text)).toContain('Vérifié : 5 événements')
  await journal.apply({
    rows: [{ sql: "UPDATE audit_leaf SET line = replace(line, 'litige', 'erreur') WHERE n = 1", parameters: [] }],
  })
  expect(seen((await call('/audit/1', { key: 'demo-auditor' })).text)).toContain('La preuve ne tient pas')
  expect(seen((await call('/audit/2', { key: 'demo-auditor' })).text)).toContain('Preuve vérifiée')
  expect(await check()).toMatchObject({ state: 'unsound', faults: [{ what: 'altered', n: 1 }] })
  expect(seen((await call('/audit', { key: 'demo-auditor' })).text)).toContain('modifié : n° 1')
})

test('find, export, plan and erase by pages and API; retention; nobody is found afterwards and the audit verifies', async () => {
  const running = await busy()
  const { call, journal } = running
  const open = intake(journal, 'C2', {
    deliveries: [delivery('chu-angers/dpi', { state: 'poisoned', code: 'POISONED' })],
  })
  await journal.commit([open])
  const said = { identifiers: `${PATIENT}\n`, reason: 'demande écrite' }
  const found = await form(running, 'demo-dpo', '/vie-privee/patient', said)
  expect(seen(found.text)).toContain('2 messages conservés')
  const barred = await form(running, 'demo-dpo', '/vie-privee/simulation', said)
  expect(seen(barred.text)).toContain('1 messages sont à traiter')
  expect(barred.text).not.toContain('/vie-privee/effacement')
  await call(`/api/deliveries/${open.deliveries[0]!.id}/close`, { key: 'demo-admin', body: { reason: 'fin' } })

  const body = { patients: [PATIENT], reason: 'demande écrite' }
  const file = await call('/api/privacy/export', { key: 'demo-dpo', body })
  expect(file.text.trim().split('\n')).toHaveLength(3)
  expect(Buffer.from(JSON.parse(file.text.split('\n')[1]!).body, 'base64').toString('latin1')).toContain(CANARY)

  const plan = await form(running, 'demo-dpo', '/vie-privee/simulation', said)
  const mark = /name="mark" value="([^"]+)"/.exec(plan.text)![1]!
  expect((await form(running, 'demo-dpo', '/vie-privee/effacement', { ...said, mark })).status).toBe(400)
  const done = await form(running, 'demo-dpo', '/vie-privee/effacement', { ...said, mark, read: 'yes' })
  expect(seen(done.text)).toContain('2 messages et 0 ressources ont été effacés')
  expect((await call('/api/privacy/find', { key: 'demo-dpo', body })).json).toMatchObject({ messages: 0, names: [] })
  await seal(journal)
  expect((await call('/api/audit/report', { key: 'demo-dpo', body })).json).toMatchObject({ names: [], events: [] })

  const dir = await mkdtemp(join(tmpdir(), 'passerelle-audit-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  const run = crypto.randomUUID()
  const exported = await call(`/audit/export?run=${run}`, { key: 'demo-dpo' })
  await writeFile(join(dir, 'audit.ndjson'), exported.text)
  const { code, out } = await passerelle(['verify', '--audit', join(dir, 'audit.ndjson'), '--json'])
  expect([code, JSON.parse(out).faults]).toEqual([0, []])
  expect((await call(`/api/runs/${run}`, { key: 'demo-dpo' })).json).toMatchObject({ ended: true })

  const kept = await call('/vie-privee', { key: 'demo-dpo' })
  expect(seen(kept.text)).toMatch(/Messages terminés 0 1 jours retention\.closed – –/)
  for (const page of [found, barred, plan, done, kept]) {
    const words = seen(page.text).toLowerCase()
    for (const word of FORBIDDEN) expect([word, words.includes(word)]).toEqual([word, false])
    expect(page.text).not.toContain(CANARY)
  }
  expect(running.log.join('\n')).not.toContain(INS)
})

const ACCESS = [
  ['GET', '/audit', 'demo-support', 403],
  ['GET', '/vie-privee', 'demo-auditor', 403],
  ['GET', '/vie-privee', 'demo-admin', 403],
  ['GET', '/audit/incident', 'demo-admin', 403],
  ['GET', '/audit/incident', 'demo-auditor', 200],
  ['POST', '/api/privacy/find', 'demo-admin', 403],
  ['POST', '/api/privacy/erase', 'demo-ch-laval', 403],
  ['GET', '/api/privacy/retention', 'demo-dpo', 200],
  ['POST', '/api/audit/search', 'demo-operator', 403],
] as const
test('who may see and do it', async () => {
  const { call } = await busy()
  for (const [method, path, key, status] of ACCESS) {
    const body = method === 'POST' ? { body: {} } : {}
    expect([path, key, (await call(path, { key, method, ...body })).status]).toEqual([path, key, status])
  }
})

/** Walks the three journeys; each step waits for what the next page says. */
async function journeys(page: Page, url: string, words: Readonly<Record<string, string>>, axe: boolean): Promise<void> {
  const accessible = async () => expect(axe ? await axeFaults(page) : []).toEqual([])
  const button = (name: string) => page.getByRole('button', { name: words[name]!, exact: true })
  await page.goto(`${url}/audit`)
  await accessible()
  await page.getByLabel(words['what']!, { exact: true }).selectOption('read-body')
  await button('search').click()
  await page.getByRole('row').nth(1).getByRole('link').first().click()
  await page.getByText(words['verified']!).waitFor()
  await accessible()
  await page.getByRole('link', { name: words['back']!, exact: true }).click()
  await button('check').click()
  await page.getByText(words['checked']!).waitFor()
  await page.getByLabel(words['identifier']!, { exact: true }).fill(INS)
  await page.getByLabel(words['authority']!, { exact: true }).fill(AUTHORITY)
  await page.getByLabel(words['reason']!, { exact: true }).fill('plainte')
  await button('report').click()
  await page.getByText(words['revealed']!).waitFor()
  expect(page.url()).not.toContain(INS)
  await accessible()

  await page.goto(`${url}/vie-privee`)
  await accessible()
  const find = async () => {
    await page.getByLabel(words['identifiers']!, { exact: true }).fill(PATIENT)
    await page.getByLabel(words['reason']!, { exact: true }).fill('demande')
    await button('find').click()
  }
  await find()
  await button('plan').waitFor()
  await accessible()
  await button('plan').click()
  await page.getByLabel(words['confirm']!).check()
  await accessible()
  await button('erase').click()
  await page.getByText(words['erased']!).waitFor()
  await page.goto(`${url}/vie-privee`)
  await find()
  await page.getByText(words['nothing']!).waitFor()
}

const WORDS = {
  fr: {
    what: 'Acte',
    search: 'Rechercher',
    verified: 'Preuve vérifiée à l’instant',
    back: "Retour à l'audit",
    check: 'Vérifier maintenant',
    checked: 'Vérifié : 5 événements',
    authority: "Autorité de l'identifiant (OID)",
    identifier: 'Identifiant du patient',
    reason: 'Motif (conservé)',
    report: 'Établir le rapport',
    revealed: 'a révélé le contenu du message',
    identifiers: 'Identifiants du patient, un par ligne',
    find: 'Rechercher',
    plan: "Simuler l'effacement",
    confirm: "J'ai lu ce qui part et ce qui reste",
    erase: 'Effacer définitivement',
    erased: 'ont été effacés',
    nothing: "Rien n'est conservé",
  },
  en: {
    what: 'Act',
    search: 'Search',
    verified: 'Proof verified just now',
    back: 'Back to the audit',
    check: 'Verify now',
    checked: 'Verified: 5 events',
    authority: 'Authority of the identifier (OID)',
    identifier: 'Identifier of the patient',
    reason: 'Reason (kept)',
    report: 'Make the report',
    revealed: 'revealed the content of message',
    identifiers: 'Identifiers of the patient, one a line',
    find: 'Search',
    plan: 'Try the erasure',
    confirm: 'I have read what goes and what stays',
    erase: 'Erase for good',
    erased: 'were erased',
    nothing: 'Nothing is kept',
  },
} as const

browserTest.each([
  ['fr', 'dark'],
  ['en', 'light'],
] as const)('in a browser, %s, %s: search to proof, report of a patient, find to erase', async (language, theme) => {
  const running = await busy()
  const page = await (await look({ language, theme, key: 'demo-dpo' })).newPage()
  const wrong = faultsOf(page, running.url)
  // Once each page; every page in both themes is looked at elsewhere.
  await journeys(page, running.url, WORDS[language], theme === 'dark')
  expect(wrong).toEqual([])
  await seal(running.journal)
  await page.setViewportSize({ width: 360, height: 800 })
  for (const path of ['/audit', '/audit/1', '/vie-privee', '/audit/incident']) {
    await page.goto(running.url + path)
    expect([path, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([path, 360])
  }
  const { json } = await running.call('/api/audit/head', { key: 'demo-dpo' })
  expect(json).toMatchObject({ missing: 0, waiting: 0 })
})
