import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { machineClock } from '../../src/app/cli/machine.ts'
import { auditPlugin } from '../../src/console/audit.ts'
import type { AuditViews } from '../../src/core/audit.ts'
import { cover } from '../../src/pipeline/audit/cover.ts'
import { storedKey } from '../../src/pipeline/audit/rows.ts'
import { auditViews } from '../../src/pipeline/audit/views.ts'
import { passerelle } from '../cli/terminal.ts'
import { personEvent } from '../journal/made.ts'
import { startConsole } from './gateway.ts'

const ADMIN = 'demo-admin'

/** A console whose audit has three events. */
async function started() {
  let views: AuditViews | null = null
  const late: AuditViews = {
    page: (ask) => views!.page(ask),
    state: (size) => views!.state(size),
    proof: (n) => views!.proof(n),
    consistency: (first, second) => views!.consistency(first, second),
    search: (ask) => views!.search(ask),
    event: (n) => views!.event(n),
    patients: (identifiers) => views!.patients(identifiers),
  }
  const running = await startConsole({ plugins: [auditPlugin(late)] })
  const { journal } = running
  views = auditViews({ journal, clock: machineClock })
  await journal.apply({ events: ['resend', 'close', 'skip'].map((what) => personEvent(what)) })
  await cover({ journal, key: await storedKey(journal), site: 'Region' })
  return running
}

test('an admin reads events in pages, the head, and proofs', async () => {
  const { call } = await started()
  const page = await call('/api/audit?limit=2', { key: ADMIN })
  expect([page.status, page.json.next, page.json.before]).toEqual([200, 2, { size: 0, hashes: [] }])
  expect(page.json.events.map(({ line }: { line: string }) => JSON.parse(line).subtype[0].code)).toEqual([
    'resend',
    'close',
  ])
  const rest = await call(`/api/audit?limit=2&after=${page.json.next}`, { key: ADMIN })
  expect([rest.json.events.length, rest.json.next, rest.json.before.size]).toEqual([1, null, 2])
  const { json: state } = await call('/api/audit/head', { key: ADMIN })
  // What waits is that the audit was read.
  expect(state).toMatchObject({ head: { size: 3 }, daily: [], waiting: 1, missing: 0 })
  expect(state.publicKey).toContain('BEGIN PUBLIC KEY')
  const { json: proof } = await call('/api/audit/2/proof', { key: ADMIN })
  expect([proof.n, proof.size, proof.proof.length, proof.head.root]).toEqual([2, 3, 2, state.head.root])
  const { json: consistency } = await call('/api/audit/consistency?first=2&second=3', { key: ADMIN })
  expect(consistency).toMatchObject({ first: 2, second: 3, proof: [expect.any(String)] })
})

test.each([
  ['no key', '/api/audit', undefined, 401],
  ['an establishment', '/api/audit', 'demo-ch-laval', 403],
  ['an establishment that wants the head', '/api/audit/head', 'demo-ch-laval', 403],
  ['an event that is not there', '/api/audit/4/proof', ADMIN, 404],
  ['a tree that is not there', '/api/audit/consistency?first=2&second=4', ADMIN, 400],
  ['a time that is none', '/api/audit?since=soon', ADMIN, 400],
] as const)('refused: %s', async (_, path, key, status) => {
  const { call } = await started()
  expect((await call(path, key === undefined ? {} : { key })).status).toBe(status)
})

test('a span of time', async () => {
  const { call } = await started()
  const { json } = await call('/api/audit?since=1970-01-01T00:00:00Z&until=1970-01-01T00:00:01%2B00:00', { key: ADMIN })
  expect(json.events).toEqual([])
})

test('a running gateway is exported over its API', async () => {
  const { url } = await started()
  const dir = await mkdtemp(join(tmpdir(), 'passerelle-audit-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  const file = join(dir, 'audit.ndjson')
  const env = { PASSERELLE_KEY: ADMIN }
  const since = ['--since', '2000-01-01T00:00:00Z', '--until', '2100-01-01T00:00:00Z']
  expect(await passerelle(['audit', 'export', file, '--url', url, ...since], env)).toMatchObject({ code: 0 })
  const { code, out } = await passerelle(['verify', '--audit', file, '--json'])
  expect([code, JSON.parse(out)]).toMatchObject([0, { events: 3, faults: [] }])
  expect((await passerelle(['audit', 'head', '--url', url], { PASSERELLE_KEY: 'wrong' })).code).toBe(1)
})
