import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { passerelle } from '../cli/terminal.ts'
import { busy, HOSTILE, PATIENT, seal } from './audit-world.ts'
import { AUTHORITY, CANARY, delivery, INS, intake, type Running } from './gateway.ts'

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
  expect(shown).toContain('Événements scellés : 5. Aucun ne manque.')
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
  expect(seen(report.text)).toMatch(
    /Événements : 1\. Établi le .* par demo-dpo \(Délégué à la protection des données\)/,
  )
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
  expect(seen((await call('/audit', { key: 'demo-auditor' })).text)).toContain(
    'Vérifié. Événements tels qu&#39;ils ont été signés : 5.',
  )
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
    kind: HOSTILE,
    deliveries: [delivery('chu-angers/dpi', { state: 'poisoned', code: 'POISONED' })],
  })
  await journal.commit([open])
  const said = { identifiers: `${PATIENT}\n`, reason: 'demande écrite' }
  const found = await form(running, 'demo-dpo', '/vie-privee/patient', said)
  expect(seen(found.text)).toContain('Messages conservés : 2')
  running.holds.push({ name: HOSTILE })
  const held = await form(running, 'demo-dpo', '/vie-privee/simulation', said)
  expect(seen(held.text)).toContain('Messages et dossiers sous conservation légale : 2 (&lt;script&gt;')
  running.holds.pop()
  const barred = await form(running, 'demo-dpo', '/vie-privee/simulation', said)
  expect(seen(barred.text)).toContain('Messages à traiter : 1.')
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
  expect(seen(done.text)).toContain('Effacés : messages 2, ressources 0, contenu de dossiers 0.')
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
  expect(seen(kept.text)).toMatch(/Messages terminés 0 1 j retention\.closed – –/)
  for (const page of [found, held, barred, plan, done, kept]) {
    expect(page.text).not.toContain('<script>alert')
    expect(page.text).not.toContain('<img')
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
