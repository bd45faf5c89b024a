import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { compileConfig, readRegion } from '../../src/app/config/index.ts'
import { applyEdits } from '../../src/formats/hl7v2/edit.ts'
import { readArrival, routeFacts } from '../../src/pipeline/reading.ts'
import { plan } from '../../src/pipeline/route.ts'

const DOCS = fileURLToPath(new URL('../../docs', import.meta.url))
const PAGE = readFileSync(join(DOCS, 'coming-from.md'), 'utf8')
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'coming-from-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The files of the worked example: a path in backquotes, then a block. */
const files = [...PAGE.matchAll(/^`(\S+)`\n```(?:yaml|csv)\n([\s\S]*?)^```$/gm)].map(
  ([, path, text]) => [path!, text!] as const,
)

const admission = (event: string): Buffer =>
  Buffer.from(
    [
      `MSH|^~\\&|SIH|CHEX|PF|PF|20261126101500+0100||ADT^${event}^ADT_A01|D1|P|2.5|||||FRA|8859/15`,
      `EVN||20261126101500+0100`,
      'PID|||1^^^CHEX&1.2.3&ISO^PI||LEROUX (FICTIF)^SUZANNE^^^^^L||||||||||||||||||||||||||PROV',
      'PV1||I',
      'ZBE|1^SIH',
      '',
    ].join('\r'),
  )

test('the channel of docs/coming-from.md is a route: filtered, edited and sent as the page says', async () => {
  expect(files.map(([path]) => path)).toEqual(['region.yaml', 'profiles/tables/class-labo.csv'])
  for (const [path, text] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  const { problems, shared, read } = await readRegion(join(folder, 'region.yaml'), {})
  expect(problems).toEqual([])
  const config = compileConfig(shared!, 1, read)
  const planned = (event: string) => {
    const peer = { address: 'test', loopback: true, establishment: null, destination: null }
    const reading = readArrival({ entrance: 'mllp', peer, receivedAtMs: 1, bytes: admission(event) }, config)
    if (!reading.ok) throw new Error(reading.problem.code)
    return plan(routeFacts(reading), config).planned
  }
  expect(planned('A08').map(({ destination }) => destination)).toEqual(['labo/sil'])
  expect(planned('A03')).toEqual([])
  const [route] = config.routes
  const sent = applyEdits(admission('A01'), route!.edit, config.maps, '8859/15').bytes.toString('latin1').split('\r')
  expect(sent[0]).toContain('|SIH|CHEX|SIL|PF|')
  expect(sent.slice(3)).toEqual(['PV1||H', ''])
})
