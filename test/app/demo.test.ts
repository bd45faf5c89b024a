import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { demoPatient } from '../../src/app/demo/patients.ts'
import { INVENTED, trafficPost } from '../../src/app/demo/traffic.ts'
import { passerelle } from '../cli/terminal.ts'
import { start, sweep } from '../ground/gateway.ts'
import { otherPorts } from '../ground/ports.ts'
import { ROOT, textOf } from '../ground/source.ts'

const posts = Array.from({ length: 2_000 }, (_, n) => trafficPost(n, 'RUN', Date.UTC(2026, 0, 5), 'Europe/Paris'))

test('patients are invented, their INS is of the test OID and has a valid key', () => {
  for (let n = 0; n < 500; n++) {
    const { family, ins, birth } = demoPatient(n)
    expect(family).toMatch(/ \(FICTIF\)$/)
    expect(ins).toMatch(/^[12]\d{14}$/)
    expect(Number(ins.slice(13))).toBe(97 - Number(BigInt(ins.slice(0, 13)) % 97n))
    expect(Date.parse(`${birth.slice(0, 4)}-${birth.slice(4, 6)}-${birth.slice(6)}`)).not.toBeNaN()
  }
})

test('everything that is to be accepted is marked as a test, and every patient shown is invented', () => {
  for (const { bytes, door, expected } of posts) {
    const text = bytes.toString()
    expect(text).toContain('(FICTIF)')
    if (expected === 'refused') continue
    expect(door === 'fhir' ? JSON.parse(text).meta.security[0].code : text.split('|')[10]).toBe(
      door === 'fhir' ? 'HTEST' : 'T',
    )
  }
})

test('faults and delays are of invented establishments only, and all doors are used', () => {
  const odd = posts.filter(({ expected, pauseMs }) => expected === 'refused' || pauseMs > 0)
  expect(odd.length).toBeGreaterThan(100)
  for (const { from } of odd) expect(INVENTED).toContain(from)
  expect(new Set(posts.map(({ door }) => door))).toEqual(new Set(['mllp', 'hl7', 'fhir']))
  const region = textOf('region.yaml')
  for (const id of INVENTED) expect(region).toMatch(new RegExp(`id: ${id}\\n +name: .*\\(fictif\\)`))
})

test('control ids are never used twice', () => {
  const ids = posts.map(({ bytes, door }) =>
    door === 'fhir' ? JSON.parse(bytes.toString()).identifier[0].value : bytes.toString().split('|')[9],
  )
  const used = ids.filter((id) => id !== '')
  expect(new Set(used).size).toBe(used.length)
})

test('nobody there: it says so', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'passerelle-demo-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const { file } = await movedRegion(folder)
  const ran = await passerelle(['demo', '--region', file, '--seconds', '1'])
  expect(ran).toMatchObject({ code: 1, err: expect.stringContaining('npm start') })
  expect(await passerelle(['demo', '--seconds', '0'])).toMatchObject({ code: 2 })
})

test('a few seconds at the real doors: every answer is what the post is to show', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'passerelle-demo-'))
  const { file, http } = await movedRegion(folder)
  const gateway = await start(['npm', 'start', '--', '--region', file, '--store', `file:${join(folder, 'data')}`], http)
  onTestFinished(() => {
    sweep(gateway)
    rmSync(folder, { recursive: true, force: true })
  })
  const ran = await passerelle(['demo', '--region', file, '--seconds', '4', '--rate', '30', '--json'])
  const counts = JSON.parse(ran.out)
  expect(counts, ran.err).toEqual(expect.arrayContaining([expect.objectContaining({ door: 'mllp' })]))
  for (const one of counts) expect(one).toMatchObject({ lost: 0, unexpected: 0 })
  expect(ran.code).toBe(0)
}, 60_000)

/** The demo region in this folder, on free ports. */
async function movedRegion(folder: string): Promise<{ file: string; http: number }> {
  const { moved, ports } = await otherPorts(textOf('region.yaml'))
  const file = join(folder, 'region.yaml')
  writeFileSync(file, moved(textOf('region.yaml')))
  symlinkSync(join(ROOT, 'profiles'), join(folder, 'profiles'))
  return { file, http: Number(ports.get('8080')) }
}
