import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type LabRow, publishLab } from '../../src/app/white-list/lab.ts'
import { passerelle } from './terminal.ts'

let dir: string
let trust: string[]
const list = (): string => join(dir, 'list.xml')
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'whitelist-'))
  const rows = join(dir, 'rows.csv')
  writeFileSync(rows, 'domain,operator,subject,description\na.test,a,,"A, ""EXEMPLE"""\nb.test,,"CN=b,C=FR",\n')
  const { code, out } = await passerelle(['whitelist', 'publish', dir, '--rows', rows, '--json'])
  expect([code, JSON.parse(out).rows]).toEqual([0, 2])
  trust = ['--ca', join(dir, 'ca.pem')]
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

test('publishing again keeps the authorities, and keys are for their owner alone', async () => {
  const before = readFileSync(join(dir, 'ca.pem'), 'utf8')
  const rows = join(dir, 'rows.yaml')
  writeFileSync(rows, '- { domain: a.test, operator: a }\n- { domain: b.test, subject: "CN=b,C=FR" }\n')
  const { code } = await passerelle(['whitelist', 'publish', dir, '--rows', rows])
  expect([code, readFileSync(join(dir, 'ca.pem'), 'utf8')]).toEqual([0, before])
  expect(statSync(join(dir, 'signer.key')).mode & 0o777).toBe(0o600)
})

test('verify, show and explain', async () => {
  const verified = await passerelle(['whitelist', 'verify', list(), ...trust, '--json'])
  expect([verified.code, JSON.parse(verified.out)]).toEqual([0, expect.objectContaining({ ok: true, rows: 2, odd: 0 })])
  const shown = await passerelle(['whitelist', 'show', '--file', list(), ...trust, '--json'])
  expect([shown.code, JSON.parse(shown.out)]).toEqual([
    0,
    expect.objectContaining({ rows: 2, domains: 2, subjects: 2 }),
  ])
  const told = await passerelle(['whitelist', 'show', '--file', list(), ...trust], { LANG: 'fr_FR.UTF-8' })
  expect(told.out).toMatch(/^Générée le +20\d\d-.*\nLignes +2\nDomaines +2\nCertificats +2\nLignes anormales +0\n/)
  const explained = await passerelle(['whitelist', 'explain', 'B.test', '--file', list(), ...trust])
  expect([explained.code, explained.out]).toEqual([0, expect.stringContaining('CN=b,C=FR')])
  const unlisted = await passerelle(['whitelist', 'explain', 'c.test', '--file', list(), ...trust, '--json'])
  expect([unlisted.code, JSON.parse(unlisted.out).code]).toEqual([1, 'MAIL_DOMAIN_UNLISTED'])
})

test('a tampered list is refused in words', async () => {
  const file = join(dir, 'tampered.xml')
  writeFileSync(file, readFileSync(list(), 'utf8').replace('b.test', 'c.test'))
  const { code, err } = await passerelle(['whitelist', 'verify', file, ...trust], { LANG: 'fr_FR.UTF-8' })
  expect([code, err]).toEqual([1, expect.stringContaining("WHITELIST_TAMPERED: La liste blanche n'est pas celle")])
})

test.each<[name: string, rows: readonly LabRow[], aheadMs: number, code: string]>([
  ['without a row', [], 0, 'WHITELIST_FORM'],
  ['of tomorrow', [{ domain: 'a.test', operator: 'a' }], 86_400_000, 'WHITELIST_FUTURE'],
])('a signed list %s is not good, as the gateway would not take it', async (name, rows, aheadMs, refused) => {
  const folder = join(dir, name)
  await publishLab(folder, rows, Date.now() + aheadMs)
  const argv = ['whitelist', 'verify', join(folder, 'list.xml'), '--ca', join(folder, 'ca.pem')]
  const { code, out } = await passerelle([...argv, '--json'])
  expect([code, JSON.parse(out)]).toEqual([1, expect.objectContaining({ ok: false, code: refused })])
  expect((await passerelle(argv)).code).toBe(1)
})

test.each<[name: string, argv: () => string[], code: number]>([
  ['nothing', () => [], 2],
  ['another word', () => ['list'], 2],
  ['explain without a domain', () => ['explain'], 2],
  ['verify without a file', () => ['verify'], 2],
  ['a file that is not there', () => ['verify', join(dir, 'gone.xml'), ...trust], 1],
  ['authorities that are none', () => ['verify', list(), '--ca', list()], 1],
  ['a region without a list', () => ['verify', list(), '--region', join(dir, 'gone.yaml')], 1],
])('%s', async (_name, argv, code) => {
  expect((await passerelle(['whitelist', ...argv()])).code).toBe(code)
})
