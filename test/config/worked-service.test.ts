import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { compileConfig, planOf, readRegion } from '../../src/app/config/index.ts'
import { readArrival, routeFacts } from '../../src/pipeline/reading.ts'
import { isOfService, plan } from '../../src/pipeline/route.ts'
import { regionText, writeRegion } from '../support/region.ts'

const PAGE = readFileSync(fileURLToPath(new URL('../../docs/services.md', import.meta.url)), 'utf8')
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'worked-service-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The files of the worked example, as the page has them: a path in backquotes, then a block. */
const files = [
  ...(PAGE.split('## Opening the next service: a worked example')[1] ?? '').matchAll(
    /^`(\S+)`\n```yaml\n([\s\S]*?)^```$/gm,
  ),
].map(([, path, text]) => [path!, text!] as const)

const WAY = { type: 'mllp', host: '127.0.0.1', port: 26901, use: 'qualification' }
const HOMES = [
  { id: 'ehpad', name: 'EHPAD (fictif)', kind: 'nursing-home', senders: { facilities: ['EHPAD'] } },
  {
    id: 'expertise-anjou',
    name: "Centre d'expertise (fictif)",
    kind: 'expert-centre',
    casesTo: 'dpi',
    destinations: { dpi: WAY },
  },
]
const request = (code: string, profile = ''): Buffer =>
  Buffer.from(
    [
      `MSH|^~\\&|DUI|EHPAD|PF|PF|20261126101500+0100||ORM^O01^ORM_O01|D1|T|2.5|||||FRA|UNICODE UTF-8|||${profile}`,
      'PID|||1^^^EHPAD&539990218&M^PI||LEROUX (FICTIF)^SUZANNE^^^^^L||||||||||||||||||||||||||PROV',
      'ORC|NW|D1',
      `OBR|1|D1||${code}`,
      '',
    ].join('\r'),
  )

test('the worked example of docs/services.md opens a service: one file, and a few lines of region.yaml', async () => {
  expect(files.map(([path]) => path)).toEqual(['profiles/services/diabetologie.yaml', 'region.yaml'])
  const [[path, service], [, lines]] = files as [(typeof files)[0], (typeof files)[0]]
  const shared = async (parts: object) => {
    const {
      shared: json,
      problems,
      read,
    } = await readRegion(writeRegion(folder, regionText({ establishments: HOMES, routes: [], ...parts })), {})
    expect(problems).toEqual([])
    return { json: json!, config: compileConfig(json!, 1, read) }
  }
  const before = await shared({})
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), service)
  const after = await shared(parse(lines) as object)

  const { changes } = planOf({ revision: 1, json: before.json }, after.json, { destinations: new Map() })
  expect(changes.map(({ what, part, name }) => `${what} ${part} ${name}`)).toEqual([
    'added route diabetes',
    'added service diabetologie',
    // Wherever a service is offered, results are known by it.
    'added map case-observations',
  ])
  const { config } = after
  expect(config.careServices!.get('diabetologie')).toMatchObject({
    kind: 'teleconsultation',
    prefix: 'DIA',
    consent: 'required',
    ladders: [{ name: 'answer', centres: [{ site: '*', centres: ['expertise-anjou'] }] }],
  })

  const asked = (bytes: Buffer) => {
    const peer = { address: 'test', loopback: true, establishment: null, destination: null }
    const reading = readArrival({ entrance: 'mllp', peer, receivedAtMs: 1, bytes }, config)
    if (!reading.ok) throw new Error(reading.problem.code)
    const facts = routeFacts(reading)
    return {
      own: isOfService(config.services.get('diabetologie')!, facts, config),
      to: plan(facts, config).planned.map(({ destination }) => destination),
    }
  }
  expect(asked(request('diabetologie^Diabétologie^L'))).toEqual({ own: true, to: ['platform'] })
  expect(asked(request('cardiologie'))).toEqual({ own: false, to: [] })
  expect(asked(request('diabetologie', '1.0^CISIS_TLR_HL7_V2'))).toEqual({ own: false, to: [] })
})
