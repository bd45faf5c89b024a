import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startReceiver } from '../../src/app/simulate/receiver.ts'
import { type Simulators, startSimulators } from '../../src/app/simulate.ts'
import { senderFor } from '../../src/app/wiring/senders.ts'
import type { Config } from '../../src/core/config.ts'
import type { FhirAsk } from '../../src/core/fhir.ts'
import type { Log, Sender } from '../../src/core/ports.ts'
import { readAnswer } from '../../src/formats/hl7v2/answer.ts'
import { frame, frameScanner } from '../../src/formats/mllp/scanner.ts'
import { realClock } from '../support/peers/clock.ts'
import { acceptAll, consignmentOf } from '../support/peers/messages.ts'
import { notebook } from '../support/peers/notebook.ts'
import { askOf, fhirConsignment, serviceRequest } from '../support/peers/web-words.ts'
import { configOf, regionText, writeRegion } from '../support/region.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'simulate-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const example = readFileSync(new URL('../../profiles/examples/stroke-request.hl7', import.meta.url))

/** Sends the messages on one connection; gives as many answers, or what came before the far side closed. */
function exchange(port: number, messages: readonly Buffer[]): Promise<Buffer[]> {
  return new Promise((resolve, reject) => {
    const answers: Buffer[] = []
    const scanner = frameScanner({ maxFrameBytes: 65_536 })
    const socket = connect(port, '127.0.0.1', () => socket.write(Buffer.concat(messages.map(frame))))
    socket.on('data', (chunk) => {
      answers.push(...scanner.push(chunk as Buffer))
      if (answers.length === messages.length) socket.end()
    })
    socket.on('close', () => resolve(answers))
    socket.on('error', reject)
  })
}

function recorder(): { log: Log; events: string[] } {
  const events: string[] = []
  const say = (event: string, fields?: object) => void events.push(`${event} ${JSON.stringify(fields ?? {})}`)
  return { log: { info: say, warn: say, error: say }, events }
}

async function freePort(): Promise<{ port: number; held: Server }> {
  const held = createServer()
  await new Promise<void>((resolve) => held.listen(0, '127.0.0.1', resolve))
  return { port: (held.address() as { port: number }).port, held }
}
const release = (held: Server) => new Promise((resolve) => held.close(resolve))

async function region(ports: Readonly<Record<string, number>>, host = '127.0.0.1'): Promise<Config> {
  return regionOf(Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, { type: 'mllp', host, port }])))
}

async function regionOf(destinations: object): Promise<Config> {
  const establishments = [{ id: 'h', name: 'H', kind: 'hospital', destinations }]
  return (await configOf(writeRegion(folder, regionText({ establishments, routes: [] })))).config
}

const header = (tail: string) => Buffer.from(`MSH|^~\\&|A|B|C|D|20261123101500+0100||${tail}\rPID|||1\r`)

test.each<[name: string, message: Buffer, code: string, id: string]>([
  ['an example', example, 'AA', 'STROKE-0001'],
  ['original mode', header('ADT^A01|ID-1|T|2.5'), 'AA', 'ID-1'],
  ['enhanced mode', header('ADT^A01|ID-2|T|2.5|||AL|NE'), 'CA', 'ID-2'],
])('%s is answered by its own number', async (_name, message, code, id) => {
  const receiver = await startReceiver('127.0.0.1', 0, 'Europe/Paris')
  try {
    const [answer] = await exchange(receiver.port, [message])
    expect(readAnswer(answer!)).toMatchObject({ code, controlId: id })
    expect(receiver.received()).toBe(1)
  } finally {
    await receiver.close()
  }
})

test('answers come in the order of the messages', async () => {
  const receiver = await startReceiver('127.0.0.1', 0, 'Europe/Paris')
  try {
    const ids = ['1', '2', '3']
    const answers = await exchange(
      receiver.port,
      ids.map((id) => header(`ADT^A01|${id}|T|2.5`)),
    )
    expect(answers.map((answer) => readAnswer(answer)?.controlId)).toEqual(ids)
  } finally {
    await receiver.close()
  }
})

test('what is no HL7 closes the connection', async () => {
  const receiver = await startReceiver('127.0.0.1', 0, 'Europe/Paris')
  try {
    expect(await exchange(receiver.port, [Buffer.from('GET / HTTP/1.1')])).toEqual([])
  } finally {
    await receiver.close()
  }
})

test('each destination of this machine has its end; a taken port and a far host are told and left alone', async () => {
  const one = await freePort()
  const taken = await freePort()
  await release(one.held)
  const { log, events } = recorder()
  let simulators: Simulators | null = null
  try {
    simulators = await startSimulators(await region({ a: one.port, b: one.port, c: taken.port }), log)
    await exchange(one.port, [example])
    expect(simulators.received()).toBe(1)
    expect(events).toEqual([
      `simulator.port-taken {"destination":"h/c","peer":"127.0.0.1:${taken.port}"}`,
      'simulator.listening {"count":1}',
    ])
  } finally {
    await simulators?.close()
    await simulators?.close()
    await release(taken.held)
  }
  await expect(exchange(one.port, [example])).rejects.toThrow('ECONNREFUSED')
  const far = await startSimulators(await region({ a: one.port }, 'hopital.test'), log)
  expect(events.slice(2)).toEqual(['simulator.skipped {"destination":"h/a"}', 'simulator.listening {"count":0}'])
  await far.close()
})

describe('ends over HTTP', () => {
  const never = () => new AbortController().signal
  const places = { hl7: '/hl7', fhir: '/r4' }
  let simulators: Simulators
  let sender: Record<keyof typeof places, Sender>
  beforeEach(async () => {
    const ports = { hl7: await freePort(), fhir: await freePort() }
    const url = (name: keyof typeof places) => `http://127.0.0.1:${ports[name].port}${places[name]}`
    for (const { held } of Object.values(ports)) await release(held)
    const config = await regionOf({ hl7: { type: 'http', url: url('hl7') }, fhir: { type: 'fhir', url: url('fhir') } })
    simulators = await startSimulators(config, recorder().log)
    const parts = { accept: acceptAll, clock: realClock, ...notebook() }
    const to = (name: string) => senderFor(config.destinations.get(`h/${name}`)!, parts)
    sender = { hl7: to('hl7'), fhir: to('fhir') }
  })
  afterEach(async () => {
    await Promise.all([sender.hl7.close(), sender.fhir.close()])
    await simulators.close()
  })

  test('HL7 v2 is answered by its ACK', async () => {
    expect(await sender.hl7.send(consignmentOf(example), never())).toEqual({ kind: 'delivered', proof: 'MSA-1 AA' })
    expect(simulators.received()).toBe(1)
  })

  const entry = [{ resource: { resourceType: 'MessageHeader', id: 'm-1' } }, {}]
  test.each<[FhirAsk['interaction'], resource: object, outcome: object]>([
    ['create', serviceRequest('1'), { kind: 'delivered', proof: 'HTTP 201' }],
    ['update', serviceRequest('1'), { kind: 'delivered', proof: 'HTTP 200' }],
    ['transaction', { resourceType: 'Bundle', type: 'transaction', entry }, { kind: 'delivered', proof: 'HTTP 200' }],
    ['batch', { resourceType: 'Bundle', type: 'batch', entry }, { kind: 'delivered', proof: 'HTTP 200' }],
    ['process-message', { resourceType: 'Bundle', type: 'message', entry }, { kind: 'delivered', proof: 'HTTP 200' }],
    ['create', { no: 'resource' }, { kind: 'refused', code: 'ACK_REJECT', answer: 'HTTP 400 structure' }],
  ])('FHIR %s', async (interaction, resource, outcome) => {
    const consignment = fhirConsignment(resource, askOf(interaction, 'ServiceRequest', 's-1'))
    expect(await sender.fhir.send(consignment, never())).toEqual(outcome)
  })
})
