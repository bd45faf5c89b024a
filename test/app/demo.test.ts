import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { demoPatient } from '../../src/app/demo/patients.ts'
import { trafficPost } from '../../src/app/demo/traffic.ts'
import { HOMES } from '../../src/app/demo/written.ts'
import { prepareSimulation } from '../../src/app/simulate.ts'
import { passerelle } from '../cli/terminal.ts'
import { start, sweep } from '../ground/gateway.ts'
import { otherPorts } from '../ground/ports.ts'
import { ROOT, textOf } from '../ground/source.ts'

import { until } from '../support/world/until.ts'

const INVENTED = HOMES.map(({ id }) => id)

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

test('the INS of an identity that was not proved is sent by invented establishments only', () => {
  const unproved = posts.filter(
    ({ bytes, door }) => door !== 'fhir' && /\^INS\|/.test(String(bytes)) && !/VALI/.test(String(bytes)),
  )
  expect(unproved.length).toBeGreaterThan(100)
  for (const { from } of unproved) expect(INVENTED).toContain(from)
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
  await prepareSimulation(file)
  const forPrograms = await passerelle(['demo', '--region', file, '--seconds', '1', '--json'])
  expect([forPrograms.code, forPrograms.out]).toEqual([1, ''])
  expect(JSON.parse(forPrograms.err)).toMatchObject({
    code: 'COMMAND_FAILED',
    doors: expect.arrayContaining([expect.objectContaining({ door: 'mllp' })]),
  })
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
  const { doors: counts } = JSON.parse(ran.out)
  expect(counts, ran.err).toEqual(expect.arrayContaining([expect.objectContaining({ door: 'mllp' })]))
  for (const one of counts) expect(one).toMatchObject({ lost: 0, unexpected: 0 })
  expect(ran.code).toBe(0)

  // The guided first run sends at the same doors, and its letter is refused by a home's simulated system.
  const authorization = 'Bearer demo-admin'
  const guided = async (what: string): Promise<string> => {
    const headers = { authorization, 'content-type': 'application/x-www-form-urlencoded' }
    const answer = await fetch(`http://127.0.0.1:${http}/decouvrir/${what}`, {
      method: 'POST',
      headers,
      body: '',
      redirect: 'manual',
    })
    expect(answer.status).toBe(303)
    return new URL(answer.headers.get('location') ?? '', 'http://x').searchParams.get('message') ?? ''
  }
  const stateOf = async (controlId: string): Promise<string> => {
    const answer = await fetch(`http://127.0.0.1:${http}/api/messages?controlId=${controlId}`, {
      headers: { authorization },
    })
    return ((await answer.json()) as { messages: { state: string }[] }).messages[0]?.state ?? ''
  }
  const [admission, refused] = [await guided('admission'), await guided('refused')]
  await until('the admission is delivered', async () => (await stateOf(admission)) === 'closed')
  await until('the letter is set aside', async () => (await stateOf(refused)) === 'parked')
  const page = await fetch(`http://127.0.0.1:${http}/decouvrir?etape=4&message=${refused}`, {
    headers: { authorization },
  })
  expect(await page.text()).toMatch(
    /DÉMONSTRATION[\s\S]*REFUS-[\s\S]*aria-current="step">\s*<h2><span class="quiet">Étape 4 sur 5/,
  )
  await mailGoesBothWays(http)
}, 240_000)

/** With the simulated mail operator, through the doors of both: documents each way, a letter of a demo person and the answer to it. */
async function mailGoesBothWays(http: number): Promise<void> {
  const origin = `http://127.0.0.1:${http}`
  const asked = async (path: string, who: Readonly<Record<string, string>>, body?: object): Promise<unknown> => {
    const headers = { ...who, origin, ...(body && { 'content-type': 'application/json' }) }
    const answer = await fetch(origin + path, {
      method: body ? 'POST' : 'GET',
      headers,
      ...(body && { body: JSON.stringify(body) }),
    })
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
    return answer.json()
  }
  const arrived = async (kind: string): Promise<readonly string[]> => {
    const list = await asked(`/api/messages?kind=${encodeURIComponent(kind)}`, { authorization: 'Bearer demo-admin' })
    const { messages } = list as {
      messages: { entrance: string; deliveries: { destination: string; state: string; lastError: string | null }[] }[]
    }
    return messages.flatMap(({ entrance, deliveries }) =>
      deliveries.map(({ destination, state, lastError }) => `${entrance} ${destination} ${lastError ?? state}`),
    )
  }
  const reached = (kind: string, way: string) =>
    until(`${kind} ${way}`, async () => (await arrived(kind)).includes(way), { withinMs: 20_000 })
  await reached('MAIL^XDM', 'internal mail/cabinets.mssante.example delivered')
  await reached('MAIL^XDM', 'smtp mail/ch-laval.mssante.example delivered')
  await reached('MDM^T02', 'internal ch-laval/dpi delivered')
  await reached('ZAM^Z03', 'internal ch-laval/dpi delivered')

  const signedIn = await fetch(`${origin}/connexion/demo`, {
    method: 'POST',
    redirect: 'manual',
    headers: { origin },
    body: new URLSearchParams({ role: 'requester' }),
  })
  const cookie = { cookie: signedIn.headers.getSetCookie()[0]?.split(';')[0] ?? '' }
  const { boxes } = (await asked('/api/mail/boxes', cookie)) as { boxes: { address: string }[] }
  const addresses = boxes.map(({ address }) => address)
  expect(addresses).toEqual(
    ['demo-requester', 'secretariat.neurologie'].map((one) => `${one}@ch-laval.mssante.example`),
  )
  const box = `/api/mail/boxes/${addresses[0]}`
  const letter = { subject: 'Avis', text: 'Bonjour', to: ['claire.vidal@cabinets.mssante.example'] }
  await asked(`${box}/send`, cookie, letter)
  await asked(`${box}/send`, cookie, { ...letter, to: ['cabinet.plein@cabinets.mssante.example'] })
  await until('the answer and the report are in the mailbox', async () => {
    const { items } = (await asked(`${box}/search`, cookie, {})) as { items: { subject: string }[] }
    const subjects = items.map(({ subject }) => subject)
    return subjects.includes('Re: Avis') && subjects.some((one) => one.includes('non remis'))
  })
}

/** The demo region in this folder, on free ports. */
async function movedRegion(folder: string): Promise<{ file: string; http: number }> {
  const { moved, ports } = await otherPorts(textOf('region.yaml'))
  const file = join(folder, 'region.yaml')
  writeFileSync(file, moved(textOf('region.yaml')))
  symlinkSync(join(ROOT, 'profiles'), join(folder, 'profiles'))
  return { file, http: Number(ports.get('8080')) }
}
