import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'
import { regionText, writeRegion } from '../support/region.ts'
import { passerelle } from './terminal.ts'

async function region(): Promise<{ dir: string; file: string }> {
  const dir = await mkdtemp(join(tmpdir(), 'passerelle-onboard-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  return { dir, file: writeRegion(dir, regionText({ entrances: { sandbox: { port: 2577 }, http: { port: 8080 } } })) }
}

test('the block of a newcomer is what a region file takes', async () => {
  const { dir, file } = await region()
  const given = ['--name', 'EHPAD : "Neuf" (fictif)', '--finess', '449990217', '--flow', 'identities,stroke']
  const { code, out } = await passerelle(['onboard', 'ehpad-neuf', '--region', file, ...given])
  expect(code).toBe(0)
  const before = JSON.parse(regionText())
  const block = parse(out)
  const merged = {
    ...before,
    establishments: [...before.establishments, ...block.establishments],
    routes: [...before.routes, ...block.routes],
  }
  const { code: checked, out: told } = await passerelle(['check', '--region', writeRegion(dir, JSON.stringify(merged))])
  expect([checked, told]).toEqual([0, ''])
  expect(block.establishments[0].senders.facilities).toEqual(['449990217', 'EHPAD-NEUF'])
  expect(block.routes.map((route: { name: string }) => route.name)).toEqual([
    'identities of ehpad-neuf',
    'stroke of ehpad-neuf',
  ])
})

test('the sheet of an establishment of the region: French Markdown, English HTML into a file', async () => {
  const { dir, file } = await region()
  const french = await passerelle(['onboard', 'sender', '--as', 'md', '--region', file], { LANG: 'fr_FR.UTF-8' })
  expect(french.out).toContain('# Fiche de raccordement · Sender (fictif) · Essai')
  expect(french.out).toContain("| Entrée d'essai (MLLP) | 127.0.0.1:2577 | aucun |")
  expect(french.out).toContain('| MSH-4 | SENDER |')
  expect(french.out).toContain('| DOUBLE | Identifiant de message réemployé |')
  const out = join(dir, 'sheet.html')
  const english = await passerelle([
    'onboard',
    'sender',
    '--as',
    'html',
    '--lang',
    'en',
    '--out',
    out,
    '--region',
    file,
  ])
  expect([english.code, english.out]).toEqual([0, ''])
  expect(await readFile(out, 'utf8')).toMatch(
    /^<!doctype html>\n<html lang="en">.*Onboarding sheet · Sender \(fictif\)/s,
  )
})

test.each([
  ['an id that is none', ['onboard', 'A b']],
  ['a flow that is none', ['onboard', 'x', '--flow', 'fax']],
  ['a form that is none', ['onboard', 'x', '--as', 'pdf']],
  ['a language that is none', ['onboard', 'x', '--as', 'md', '--lang', 'de']],
])('wrong usage: %s', async (_name, argv) => {
  const { file } = await region()
  expect((await passerelle([...argv, '--region', file])).code).toBe(2)
})
