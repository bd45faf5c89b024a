import { once } from 'node:events'
import { rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect, type TLSSocket } from 'node:tls'
import { describe, expect, test } from 'vitest'
import { makeCertificates } from '../../src/app/certs.ts'
import { LOOK_MS, warnings, watchCertificates } from '../../src/app/wiring/certificates.ts'
import { openFilesLimit, openFilesNeeded, warnOfOpenFiles } from '../../src/app/wiring/open-files.ts'
import type { NodeConfig } from '../../src/core/config.ts'
import type { NewEvent } from '../../src/core/journal.ts'
import { manualClock } from '../support/peers/clock.ts'
import { limitsOf } from '../support/peers/door.ts'
import { notebook } from '../support/peers/notebook.ts'
import { authority, type Identity } from '../support/peers/pki.ts'
import { farSide, makeWorld, mllpAt } from './gateway.ts'

const DAY_MS = 86_400_000
const ca = authority('CA ESSAI')
const files = ({ key, cert }: Identity) => ({ key, cert, ca: ca.cert, crl: [] })

/** A clock that stands at `nowMs` until it is advanced. */
function clockFrom(nowMs: number) {
  const clock = manualClock()
  return { ...clock, nowMs: () => nowMs + clock.monotonicMs() }
}

describe('warnings', () => {
  test.each<[days: number, said: string[]]>([
    [61, []],
    [59, ['CERTIFICATE_EXPIRES']],
    [8, ['CERTIFICATE_EXPIRES']],
    [-1, ['CERTIFICATE_EXPIRES']],
  ])('%i days before the end', (toDays, said) => {
    const tls = files(ca.issue('x.test', { fromDays: -90, toDays }))
    expect(warnings([{ part: 'mllps', tls }], Date.now()).map(({ code }) => code)).toEqual(said)
  })

  test('one at each of 60, 30 and 7 days, and at the end; each once', async () => {
    const tls = files(ca.issue('x.test', { toDays: 100 }))
    const clock = clockFrom(Date.now())
    const events: NewEvent[] = []
    const book = notebook()
    const journal = {
      async apply(effect: { readonly events?: readonly NewEvent[] }) {
        events.push(...(effect.events ?? []))
        return true
      },
    }
    const parts = () => [{ part: 'mllps', tls }]
    const watch = watchCertificates({ journal, parts, files: () => new Set(), renew() {}, clock, ...book })
    const days: number[] = []
    for (let day = 0; day <= 102; day++) {
      const before = events.length
      await watch.look()
      await watch.look()
      if (events.length > before) days.push(100 - day)
      clock.advance(DAY_MS)
    }
    watch.stop()
    expect(days).toEqual([60, 30, 7, 0])
    expect(new Set(events.map(({ code, who, what }) => `${who} ${what} ${code}`))).toEqual(
      new Set(['gateway alert CERTIFICATE_EXPIRES']),
    )
    expect(book.counted('alert_total', { code: 'CERTIFICATE_EXPIRES' })).toBe(4)
    expect(watch.expiries().get('mllps')).toBeGreaterThan(Date.now() + 99 * DAY_MS)
  })
})

describe('files', () => {
  const touch = (file: string, text: string, second: number) => {
    writeFileSync(file, text)
    utimesSync(file, second, second)
  }

  test('are taken over when they change, and tried again when they cannot be used', async () => {
    const world = makeWorld()
    const file = join(world.dir, 'file.pem')
    touch(file, 'a', 1)
    const book = notebook()
    const taken: string[] = []
    const clock = manualClock()
    let usable = true
    const watch = watchCertificates({
      journal: { apply: async () => true },
      parts: () => [],
      files: () => new Set([file]),
      renew() {
        if (!usable) throw new Error('half written')
        taken.push('taken')
      },
      clock,
      ...book,
    })
    await watch.look()
    await watch.look()
    expect(taken).toHaveLength(0)
    touch(file, 'b', 2)
    await watch.look()
    expect(taken).toHaveLength(1)
    usable = false
    touch(file, 'c', 3)
    await watch.look()
    expect(book.lines.filter(({ event }) => event === 'certificates.unusable')).toHaveLength(1)
    usable = true
    await watch.look()
    await watch.look()
    expect(taken).toHaveLength(2)
    rmSync(file)
    clock.advance(LOOK_MS)
    while (taken.length < 3) await new Promise((resolve) => setImmediate(resolve))
    watch.stop()
    expect(clock.timers).toBe(0)
  })

  test('a running gateway shows its new certificate at a reload, and no connection is dropped', async () => {
    const world = makeWorld()
    const pki = join(world.dir, 'pki')
    await makeCertificates(pki, ['sender'])
    const tls = { key: 'pki/gateway.key', cert: 'pki/gateway.pem', ca: 'pki/ca.pem' }
    const far = await farSide()
    const doors = { mllp: { port: 0 }, mllps: { port: 0, tls }, https: { port: 0, tls }, http: { port: 0 } }
    world.write({ dpi: mllpAt(far) }, { entrances: doors, drain: '0 s' })
    await world.start()
    const serial = async (door: string): Promise<[string, TLSSocket]> => {
      const socket = connect({ host: '127.0.0.1', port: world.port(door), rejectUnauthorized: false })
      socket.on('error', () => {})
      await once(socket, 'secureConnect')
      return [socket.getPeerCertificate().serialNumber, socket]
    }
    const [before, mllps] = await serial('mllps')
    const [beforeToo, https] = await serial('https')
    await makeCertificates(pki, ['sender'])
    await world.gateway.reload()
    expect(world.notebook.lines.some(({ event }) => event === 'certificates.renewed')).toBe(true)
    const [after, later] = await serial('mllps')
    const [afterToo, laterToo] = await serial('https')
    expect(before).toBe(beforeToo)
    expect(after).toBe(afterToo)
    expect(after).not.toBe(before)
    expect(world.gateway.config.revision).toBe(1)
    for (const socket of [mllps, https, later, laterToo]) socket.destroy()
  })
})

describe('a renewal that cannot be used', () => {
  test.each<[fault: string, put: (next: Identity) => Partial<Identity>]>([
    ['whose key is of another certificate', () => ({ cert: ca.issue('door.test', { toDays: 700, bits: 2056 }).cert })],
    ['whose key is too short for TLS', () => ca.issue('door.test', { toDays: 700, bits: 1024 })],
    ['whose certificate is half written', ({ key, cert }) => ({ key, cert: cert.slice(0, 200) })],
  ])('%s keeps the warning of the certificate that is shown, and names the door', async (_fault, put) => {
    const world = makeWorld()
    const old = ca.issue('door.test', { toDays: 5 })
    const lay = ({ key, cert }: Partial<Identity>): void => {
      if (key !== undefined) writeFileSync(join(world.dir, 'door.key'), key)
      if (cert !== undefined) writeFileSync(join(world.dir, 'door.pem'), cert)
    }
    lay(old)
    writeFileSync(join(world.dir, 'ca.pem'), ca.cert)
    const tls = { key: 'door.key', cert: 'door.pem', ca: 'ca.pem' }
    const doors = { mllp: { port: 0 }, mllps: { port: 0, tls }, http: { port: 0 } }
    world.write({ dpi: mllpAt(await farSide()) }, { entrances: doors, drain: '0 s' })
    await world.start()
    lay(put(ca.issue('door.test', { toDays: 700 })))
    await world.gateway.reload()
    const unusable = world.notebook.lines.filter(({ event }) => event === 'certificates.unusable')
    expect(unusable).toEqual([expect.objectContaining({ code: 'CONFIG_INVALID', route: 'mllps' })])
    const warned = world.notebook.lines.filter(({ event }) => event === 'certificate.alert')
    expect(warned).toEqual([expect.objectContaining({ code: 'CERTIFICATE_EXPIRES', route: 'mllps' })])
    const metrics = await (await fetch(`${world.url()}/metrics`)).text()
    const [, end = ''] = /^passerelle_certificate_expiry_seconds\{[^}]*mllps[^}]*\} (\S+)$/m.exec(metrics) ?? []
    expect(Number(end) * 1_000).toBeLessThan(Date.now() + 6 * DAY_MS)
  })
})

describe('open files', () => {
  const node: NodeConfig = {
    mllp: [{ name: 'mllp', host: '127.0.0.1', port: 0, allowPlain: false, tls: null, limits: limitsOf() }],
    http: [],
    minFreeBytes: 0,
    drainMs: 0,
  }

  test.each([
    ['Max open files            1024                 524288               files\n', 1024],
    ['Max open files            unlimited            unlimited            files\n', Number.POSITIVE_INFINITY],
    ['Max cpu time              unlimited\n', null],
  ])('the limit in %j', (text, limit) => expect(openFilesLimit(text)).toBe(limit))

  test.each([
    ['fewer than the doors may need', 'Max open files 1024 4096 files', 1],
    ['enough', 'Max open files 65536 65536 files', 0],
    ['not told', '', 0],
  ])('%s', (_name, text, warned) => {
    const { log, lines } = notebook()
    warnOfOpenFiles(node, log, () => text)
    expect(lines).toHaveLength(warned)
    if (warned > 0) expect(lines[0]).toMatchObject({ count: 1024, needed: openFilesNeeded(node) })
  })
})
