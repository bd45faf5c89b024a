import { randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { machineClock } from '../../../src/app/cli/machine.ts'
import { scanned } from '../../../src/app/mail/content/clamd.ts'
import { type Looking, lookingAtContent } from '../../../src/app/mail/content/looking.ts'
import type { ContentBudget } from '../../../src/app/mail/content/scan.ts'
import { ContentThreads } from '../../../src/app/mail/content/threads.ts'
import type { AntivirusSettings, MailOperator } from '../../../src/core/mail.ts'
import type { Clock } from '../../../src/core/ports.ts'
import { EICAR, type FakeClamd, fakeClamd, type Manner } from '../../support/mail/antivirus.ts'
import { mailWith } from '../../support/mail/attached.ts'
import { freePort } from '../../support/world/ports.ts'
import { zip } from '../../support/zip.ts'

const LIMITS: ContentBudget = { maxParts: 10, maxNesting: 5, zip: { entries: 3, bytes: 3_000_000, ratio: 100 } }
const SLAB = 65_536

/** What was logged: events and rules. */
function logged() {
  const lines: string[] = []
  const line = (event: string, fields?: { rule?: string }): void => {
    lines.push(fields?.rule === undefined ? event : `${event} ${fields.rule}`)
  }
  return { lines, log: { info: line, warn: line, error: line } }
}

function looking(antivirus: AntivirusSettings | null) {
  const { lines, log } = logged()
  const operator = () => ({ limits: LIMITS, antivirus }) as unknown as MailOperator
  const meter = { count() {}, observe() {} }
  return { lines, all: lookingAtContent({ operator, clock: machineClock, log, meter }) }
}

async function verdict(all: Looking, bytes: Buffer, size = 10_000): Promise<string | null> {
  const look = all.look()
  for (let at = 0; at < bytes.length; at += size) {
    const chunk = Buffer.from(bytes.subarray(at, at + size))
    await look.write(chunk)
    chunk.fill(0)
  }
  return (await look.end())?.code ?? null
}

const mail = (name: string, data: Buffer): Buffer => Buffer.from(mailWith('a@a.test', 'u@op.test', [{ name, data }]))
const evil = zip([{ name: '../a', data: 'x' }])
const clean = mail('a.pdf', randomBytes(300_000))

describe('a mail of any size', () => {
  const { all, lines } = looking(null)
  afterAll(() => all.stop())

  test.each<[what: string, bytes: Buffer, code: string | null]>([
    ['nothing', Buffer.alloc(0), null],
    ['small', mail('a.pdf', randomBytes(900)), null],
    ['as long as is looked at at once', Buffer.from(`A: b\r\n\r\n${'x'.repeat(SLAB - 8)}`), null],
    ['an octet longer', Buffer.from(`A: b\r\n\r\n${'x'.repeat(SLAB - 7)}`), null],
    ['large', clean, null],
    ['small, with an archive', mail('a.zip', evil), 'MAIL_ARCHIVE'],
    [
      'large, with an archive',
      mail('a.zip', zip([{ name: 'a', data: randomBytes(300_000) }, { name: '../a' }])),
      'MAIL_ARCHIVE',
    ],
    [
      'large, too deep',
      Buffer.concat([Buffer.from('Content-Type: message/rfc822\r\n\r\n'.repeat(7)), randomBytes(300_000)]),
      'MAIL_TOO_COMPLEX',
    ],
    ['small, too deep', Buffer.from('Content-Type: message/rfc822\r\n\r\n'.repeat(7)), 'MAIL_TOO_COMPLEX'],
  ])('%s', async (_what, bytes, code) => {
    for (const size of [777, 10_000, 200_000]) expect(await verdict(all, bytes, size)).toBe(code)
  })

  test('many at once, and some given up', async () => {
    const looks = Array.from({ length: 12 }, (_, i) => i)
    const verdicts = await Promise.all(
      looks.map(async (i) => {
        if (i % 3 !== 2) return verdict(all, i % 3 === 0 ? clean : mail('a.zip', evil))
        const look = all.look()
        await look.write(clean)
        look.drop()
        return 'dropped'
      }),
    )
    expect(verdicts).toEqual(looks.map((i) => [null, 'MAIL_ARCHIVE', 'dropped'][i % 3]))
    expect(lines).toContain('mail.content name')
    expect(lines).toContain('mail.content depth')
  })
})

describe('threads', () => {
  /** A clock whose waits end when the test says so. */
  function handClock() {
    const waits = new Set<() => void>()
    const clock: Clock = {
      ...machineClock,
      after(_ms, run) {
        waits.add(run)
        return () => waits.delete(run)
      },
    }
    return { clock, waits }
  }

  test('a writer waits while its thread is behind', async () => {
    const threads = new ContentThreads(1, machineClock, logged().log)
    const look = threads.begin(LIMITS)
    let given = 0
    const writing = (async () => {
      for (; given < 8; given += 1) await look.give(new Uint8Array(SLAB).fill(10))
    })()
    // No word of the thread can have come yet: nothing here has let go of this one.
    for (let turn = 0; turn < 100; turn += 1) await Promise.resolve()
    expect(given).toBe(4)
    await writing
    expect(await look.end()).toBe(null)
    await threads.stop()
  })

  test('one that says nothing any more is ended; its looks are to come again, the next begin in a new one', async () => {
    const { clock, waits } = handClock()
    const { lines, log } = logged()
    const threads = new ContentThreads(1, clock, log)
    const [first, second] = [threads.begin(LIMITS), threads.begin(LIMITS)]
    const writing = first.give(new Uint8Array(8 * SLAB))
    const ended = second.end()
    expect(waits.size).toBe(1)
    for (const run of waits) run()
    await writing
    expect([await first.end(), await ended]).toEqual(['lost', 'lost'])
    expect(lines).toEqual(['mail.look-lost'])
    const third = threads.begin(LIMITS)
    await third.give(new Uint8Array(mail('a.zip', evil)))
    expect(await third.end()).toEqual({ code: 'MAIL_ARCHIVE', rule: 'name' })
    expect(waits.size).toBe(0)
    await threads.stop()
    expect(await threads.begin(LIMITS).end()).toBe('lost')
  })
})

describe('the antivirus', () => {
  let clamd: FakeClamd
  beforeAll(async () => {
    clamd = await fakeClamd()
  })
  afterAll(() => clamd.close())
  let all: Looking
  let lines: string[]
  beforeEach(() => {
    clamd.manner = 'honest'
    clamd.streams.length = 0
  })
  afterEach(() => all.stop())
  const settings = (more: Partial<AntivirusSettings> = {}): AntivirusSettings => ({
    ...{ host: '127.0.0.1', port: clamd.port, timeoutMs: 10_000, down: 'wait' },
    ...more,
  })
  const begin = (more: Partial<AntivirusSettings> = {}): void => {
    ;({ all, lines } = looking(settings(more)))
  }

  test('is given every octet, and what it finds is refused', async () => {
    begin()
    expect(await verdict(all, clean)).toBe(null)
    expect(await verdict(all, mail('a.txt', Buffer.from('x')))).toBe(null)
    expect(await verdict(all, Buffer.from(`A: b\r\n\r\n${EICAR}`))).toBe('MAIL_INFECTED')
    expect(clamd.streams[0]!.equals(clean)).toBe(true)
    expect(clamd.streams).toHaveLength(3)
    expect(lines).toEqual(['mail.infected'])
    expect(all.conditions()).toEqual([])
  })

  test.each<[manner: Manner, why: string]>([
    ['mute', 'timeout'],
    ['deaf', 'timeout'],
    ['cut', 'cut'],
    ['nonsense', 'error'],
    ['size-limit', 'size-limit'],
  ])('when it is %s mail waits', async (manner, why) => {
    begin({ timeoutMs: 200 })
    clamd.manner = manner
    // So much that it cannot all be on its way: a writer must wait for whoever does not read.
    const bytes = manner === 'deaf' ? Buffer.alloc(20_000_000, 'A: b\r\n\r\n') : mail('a.txt', Buffer.from(EICAR))
    expect(await verdict(all, bytes, 60_000)).toBe('MAIL_UNSCANNED')
    expect(lines).toContain(`mail.unscanned ${why}`)
  })

  test('when it is not there mail waits, and people are told until it is', async () => {
    const port = await freePort()
    begin({ port })
    expect(await verdict(all, clean)).toBe('MAIL_UNSCANNED')
    expect(await verdict(all, clean)).toBe('MAIL_UNSCANNED')
    expect(all.conditions()).toMatchObject([{ kind: 'antivirus', severity: 'urgent', code: 'MAIL_UNSCANNED' }])
    const back = await fakeClamd(port)
    expect(await verdict(all, clean)).toBe(null)
    expect(all.conditions()).toEqual([])
    expect(lines.slice(-1)).toEqual(['antivirus.answers'])
    await back.close()
  })

  test('where mail may pass without it, it does, and the log says so', async () => {
    begin({ port: await freePort(), down: 'pass' })
    expect(await verdict(all, mail('a.txt', Buffer.from(EICAR)))).toBe(null)
    expect(lines).toContain('mail.passed-unscanned unreachable')
  })

  test('what would be refused again is said before what may pass later', async () => {
    begin({ port: await freePort() })
    expect(await verdict(all, mail('a.zip', evil))).toBe('MAIL_ARCHIVE')
  })

  test('a mail that is given up leaves no conversation open', async () => {
    begin()
    const look = all.look()
    await look.write(clean)
    look.drop()
    expect(await look.end()).not.toBe(null)
    expect(clamd.streams).toEqual([])
  })
})

test.each([
  ['stream: OK', 'clean'],
  ['stream: OK\n', 'clean'],
  ['stream: Eicar-Test-Signature FOUND', 'infected'],
  ['stream: Two words(x) FOUND', 'infected'],
  ['INSTREAM size limit exceeded. ERROR', 'none'],
  ['stream: Can’t allocate memory ERROR', 'none'],
  ['UNKNOWN COMMAND', 'none'],
  ['OK', 'none'],
  ['', 'none'],
])('the answer %j: %s', (answer, what) => {
  expect(scanned(answer).what).toBe(what)
})
