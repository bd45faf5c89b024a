import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { block, blocks, field } from '../support/world/frame.ts'
import type { World } from './gateway.ts'
import {
  adt,
  ask,
  closeFarSides,
  fhir,
  hl7,
  nextNumber,
  opened,
  openFarSides,
  person,
  pkiOf,
  post,
  request,
  told,
} from './identity-world.ts'

beforeAll(openFarSides)
afterAll(closeFarSides)

describe('a shared engine', () => {
  const post7 = async (world: World, who: string, text: string): Promise<string> => {
    const answer = await fetch(`${world.url()}/hl7`, {
      method: 'POST',
      headers: { authorization: `Bearer key-${who}`, 'content-type': 'application/hl7-v2' },
      body: text,
    })
    const raw = Buffer.from(await answer.arrayBuffer())
    return [field(raw, 'MSA', 1), field(raw, 'ERR', 2)].join(' ').trim()
  }

  test('sends HL7 v2 for those it may send for, and for nobody else', async () => {
    const world = await opened()
    const text = adt({ from: 'B' })
    expect(await post7(world, 'engine', text)).toBe('AA')
    expect(await hl7.next()).toBe(text.replace('|DPI|', '|B|'))
    // The same message is a repeat, whoever of the two brings it.
    expect([await post7(world, 'b', text), await post(world, text)]).toEqual(['AA', 'AA'])
    expect((await told(world, text)).establishment).toBe('b')
    expect(await post7(world, 'engine', adt({ from: 'ENGINE' }))).toBe('AA')
    await hl7.next()
    expect(await post7(world, 'engine', adt({ from: 'C' }))).toBe('AE MSH^1^4')
    expect(await post7(world, 'b', adt({ from: 'ENGINE' }))).toBe('AE MSH^1^4')
  })

  /** Sends a message to the MLLP door of mutual TLS with a certificate; gives `MSA-1 ERR-2`, or `closed`. */
  const present = async (world: World, who: string, text: string): Promise<string> => {
    const read = (name: string): Buffer => readFileSync(join(pkiOf(world), name))
    const socket = connect({
      host: '127.0.0.1',
      port: world.port('mllps'),
      ca: read('ca.pem'),
      cert: read(`${who}.pem`),
      key: read(`${who}.key`),
    })
    socket.on('error', () => {})
    const answer = new Promise<string>((resolve) => {
      socket.on(
        'data',
        blocks((raw) => resolve([field(raw, 'MSA', 1), field(raw, 'ERR', 2)].join(' ').trim())),
      )
      socket.once('close', () => resolve('closed'))
    })
    socket.write(block(Buffer.from(text, 'latin1')))
    const said = await answer
    socket.destroy()
    return said
  }

  test('the same at the MLLP door of mutual TLS, by its certificate', async () => {
    const world = await opened({ mutual: true })
    const text = adt({ from: 'B' })
    expect(await present(world, 'engine', text)).toBe('AA')
    expect(await hl7.next()).toBe(text.replace('|DPI|', '|B|'))
    expect(await present(world, 'b', text)).toBe('AA')
    expect((await told(world, text)).establishment).toBe('b')
    expect(await present(world, 'engine', adt({ from: 'ENGINE' }))).toBe('AA')
    await hl7.next()
    expect(await present(world, 'engine', adt({ from: 'C' }))).toBe('AE MSH^1^4')
    expect(await present(world, 'b', adt({ from: 'ENGINE' }))).toBe('AE MSH^1^4')
    // A certificate of another authority proves nobody, whatever its subject.
    expect(await present(world, 'foreign', adt({ from: 'B' }))).toBe('closed')
  })

  const finess = (value: string) => ({ identifier: { system: 'https://finess.esante.gouv.fr', value } })
  test('sends FHIR for them, reads and changes what it sent, and is itself where nothing says otherwise', async () => {
    const world = await opened()
    const owners: [subject: object, owner: string][] = [
      [{ requester: finess('440000289') }, 'b'],
      [{ requester: { identifier: { system: 'urn:oid:1.2.250.1.71.4.2.2', value: '1440000289' } } }, 'b'],
      [{ requester: finess('490000031') }, 'engine'],
      [{}, 'engine'],
    ]
    for (const [more, owner] of owners) {
      const made = await ask(world, 'engine', 'POST', '/ServiceRequest', request({ reference: 'Patient/1' }, more))
      await fhir.next()
      const sees = async (who: string) => (await ask(world, who, 'GET', made.location)).status
      expect([owner, await sees('engine'), await sees('b'), await sees('c')]).toEqual([
        owner,
        200,
        owner === 'b' ? 200 : 404,
        404,
      ])
      const changed = { ...request({ reference: 'Patient/2' }, more), id: made.location.split('/').at(-1) }
      expect((await ask(world, 'engine', 'PUT', made.location, changed)).status).toBe(200)
      await fhir.next()
      expect((await ask(world, 'c', 'PUT', made.location, changed)).status).toBe(404)
      expect(await sees('b')).toBe(owner === 'b' ? 200 : 404)
    }
  })

  test('a message names its sender, as MSH-4 does', async () => {
    const world = await opened()
    const message = (number: string) => ({
      resourceType: 'Bundle',
      type: 'message',
      entry: [
        {
          resource: {
            resourceType: 'MessageHeader',
            id: `m${nextNumber()}`,
            meta: person('PROV').meta,
            eventUri: 'urn:x',
            source: { endpoint: 'urn:y' },
            sender: finess(number),
          },
        },
      ],
    })
    for (const [who, number, expected] of [
      ['engine', '440000289', 200],
      ['engine', '490000031', 403],
      ['plain', '440000289', 403],
      ['b', '440000289', 200],
      ['b', '750100125', 200],
    ] as const) {
      expect([who, number, (await ask(world, who, 'POST', '/$process-message', message(number))).status]).toEqual([
        who,
        number,
        expected,
      ])
      if (expected === 200) await fhir.next()
    }
  })
})
