import { afterEach, describe, expect, test } from 'vitest'
import { dueTasks, nextDueMs, type ProbeTask } from '../../src/conformity/probes/due.ts'
import { endpointsOf } from '../../src/conformity/probes/endpoints.ts'
import { type Allowance, spend } from '../../src/conformity/probes/rate.ts'
import { probeRunner, type RunParts } from '../../src/conformity/probes/run.ts'
import type { Config, Destination } from '../../src/core/config.ts'
import { PROBES, type ProbeKind } from '../../src/core/conformity.ts'
import type { MailOperator } from '../../src/core/mail.ts'
import { faultSentence, PROBE_FAULTS, type ProbeFault } from '../../src/core/probe-faults.ts'
import type { ProbeResult, ProbeStep, WantedProbe } from '../../src/core/probes.ts'
import { textOf } from '../ground/source.ts'
import { destinationAt } from '../support/peers/destination.ts'
import { type Hospital, hospital } from '../support/peers/hospital.ts'
import { probeParts } from './asking.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

const wanted = (more: Partial<WantedProbe> = {}): WantedProbe => ({
  name: 'essai@1/MLLP-01',
  establishment: 'ch-laval',
  kind: 'mllp',
  settings: {},
  everyMs: 1_000,
  ...more,
})

async function far(): Promise<Hospital> {
  const opened = await hospital()
  closing.push(() => opened.close())
  return opened
}

function regionOf(destinations: readonly Destination[]): Pick<Config, 'destinations' | 'mail'> {
  return { destinations: new Map(destinations.map((one) => [one.id, one])) }
}
const at = (port: number, name = 'gam'): Destination => ({
  ...destinationAt(port),
  id: `ch-laval/${name}`,
  establishment: 'ch-laval',
})

describe('endpoints', () => {
  const web = (type: 'fhir' | 'http' | 'dicomweb', use: 'qualification' | 'production'): Destination => {
    const target = {
      type,
      url: `https://${type}.test`,
      tls: null,
      bearer: null,
      issuer: '',
      oid: null,
      patientIds: 'issuer',
    } as const
    return { ...at(1), id: `ch-laval/${type}-${use}`, use, target }
  }
  const mail = {
    operator: {
      host: 'mail.op.test',
      retry: { stepsMs: [1_000], atOnce: 1, timeoutMs: 1, expiresMs: 1 },
      hosts: new Map(),
      nameServers: [],
      domains: new Map([
        ['laval.mssante.test', { establishment: 'ch-laval', store: { kind: 'maildir' } }],
        ['autre.mssante.test', { establishment: 'chu-angers', store: { kind: 'maildir' } }],
      ]),
    } as unknown as MailOperator,
    whiteList: null,
  }
  const all = (['qualification', 'production'] as const).flatMap((use) => [
    { ...at(1), id: `ch-laval/mllp-${use}`, use },
    ...(['fhir', 'http', 'dicomweb'] as const).map((type) => web(type, use)),
  ])
  const region = { ...regionOf([...all, { ...at(2), id: 'chu-angers/gam', establishment: 'chu-angers' }]), mail }

  test.each<[ProbeKind, string]>([
    ['tls', 'mllp-q fhir-q http-q dicomweb-q mllp-p fhir-p http-p dicomweb-p'],
    ['mllp', 'mllp-q mllp-p'],
    ['fhir-capability', 'fhir-q fhir-p'],
    ['fhir-exchange', 'fhir-q'],
    ['dicomweb', 'dicomweb-q dicomweb-p'],
    ['clock', 'mllp-q fhir-q http-q dicomweb-q fhir-p http-p dicomweb-p'],
    ['mail', 'mail/laval.mssante.test'],
  ])('of %s are those declared for the establishment: %s', (kind, names) => {
    const found = endpointsOf(region, 'ch-laval', kind).map(({ id }) =>
      id.replace('ch-laval/', '').replace(/-(q|p)\w+$/, '-$1'),
    )
    expect(found.join(' ')).toBe(names)
  })

  test.each(PROBES)('of %s: an establishment without any, and one that is not there', (kind) => {
    expect(endpointsOf(regionOf([]), 'ch-laval', kind)).toEqual([])
    expect(endpointsOf(region, 'nobody', kind)).toEqual([])
  })
})

describe('the rate', () => {
  test.each<[name: string, at: number[], may: boolean[]]>([
    ['two at once, the third not', [0, 0, 0], [true, true, false]],
    ['half a minute gives one', [0, 0, 30_000, 30_000], [true, true, true, false]],
    ['what comes too early takes nothing away', [0, 0, 15_000, 30_000], [true, true, false, true]],
    ['rest does not add up beyond the minute', [0, 600_000, 600_000, 600_000], [true, true, true, false]],
    ['a clock that goes back gives nothing', [60_000, 60_000, 0, 1], [true, true, false, false]],
  ])('of two a minute: %s', (_name, times, may) => {
    let left: Allowance | undefined
    const said = times.map((nowMs) => {
      const spent = spend(left, nowMs, 2)
      left = spent.left
      return spent.may
    })
    expect(said).toEqual(may)
  })
})

describe('the schedule', () => {
  const task = (name: string, everyMs = 1_000): ProbeTask => ({ wanted: wanted({ name, everyMs }), endpoint: at(1) })
  const [a, b, c] = [task('a'), task('b'), task('c', 10_000)]
  const spread = ({ wanted: { name } }: ProbeTask): number => (name === 'b' ? 0.5 : 0)

  test.each<[last: Record<string, number | null>, nowMs: number, due: string, next: number]>([
    [{ a: null, b: null, c: null }, 5_000, 'a b c', 0],
    [{ a: 4_000, b: 4_000, c: 4_000 }, 4_999, '', 5_000],
    [{ a: 4_000, b: 4_000, c: 4_000 }, 5_000, 'a', 5_000],
    [{ a: 4_000, b: 4_000, c: 4_000 }, 5_050, 'a b', 5_000],
    [{ a: 4_000, b: 3_000, c: null }, 5_050, 'c b a', 0],
    [{ a: 9_000, b: 9_000, c: 4_000 }, 8_000, '', 10_000],
  ])('made last %j, at %i: %s', (last, nowMs, due, next) => {
    const schedule = { last: (one: ProbeTask) => last[one.wanted.name] ?? null, nowMs, spread }
    expect(
      dueTasks([a, b, c], schedule)
        .map((one) => one.wanted.name)
        .join(' '),
    ).toBe(due)
    expect(nextDueMs([a, b, c], schedule)).toBe(next)
  })

  test('of nothing there is no next', () => {
    expect(nextDueMs([], { last: () => null, nowMs: 0, spread })).toBeNull()
  })
})

describe('the runner', () => {
  interface Kept {
    readonly wanted: WantedProbe
    readonly result: ProbeResult
  }
  function runner(parts: Partial<RunParts> & Pick<RunParts, 'config'>) {
    const kept: Kept[] = []
    const record = async (one: WantedProbe, result: ProbeResult): Promise<void> =>
      void kept.push({ wanted: one, result })
    return { kept, runner: probeRunner({ ...probeParts(), record, ...parts }) }
  }

  test('asks every endpoint, tells of each, and hands each result on', async () => {
    const [one, two] = [await far(), await far()]
    two.behave('refuse')
    const { kept, runner: runs } = runner({ config: () => regionOf([at(one.port), at(two.port, 'dpi')]) })
    const told: ProbeStep[] = []
    const steps = await runs.ask([wanted(), wanted({ name: 'x', kind: 'dicomweb' })], {
      progress: (step) => void told.push(step),
    })
    expect(told).toEqual(steps)
    expect(steps.map(({ done, total }) => `${done}/${total}`)).toEqual(['1/2', '2/2'])
    expect(kept.map(({ result }) => `${result.endpoint} ${result.outcome}`).sort()).toEqual([
      'ch-laval/dpi fail',
      'ch-laval/gam pass',
    ])
  })

  test('one probe at an endpoint at a time: one line for what is asked together, busy for who else asks', async () => {
    const one = await far()
    const { runner: runs } = runner({ config: () => regionOf([at(one.port)]) })
    one.behave('late')
    const first = runs.ask([wanted(), wanted({ name: 'again' })])
    await one.message(1)
    expect(await runs.ask([wanted()])).toMatchObject([{ result: null, because: 'busy' }])
    expect(one.received().length).toBe(1)
    one.release()
    await one.message(2)
    one.release()
    expect((await first).map(({ because }) => because)).toEqual([null, null])
    expect(await Promise.all([runs.ask([]), one.connections])).toEqual([[], 2])
  })

  test('an establishment is asked so often a minute, and another one is not held back by it', async () => {
    const one = await far()
    const other: Destination = { ...at(one.port), id: 'chu-angers/unv', establishment: 'chu-angers' }
    const { kept, runner: runs } = runner({
      config: () => regionOf([at(one.port), other]),
      run: { atOnce: 1, perMinute: 2 },
    })
    const many = ['a', 'b', 'c'].map((name) => wanted({ name }))
    const steps = await runs.ask([...many, wanted({ establishment: 'chu-angers' })])
    expect(steps.map(({ because }) => because)).toEqual([null, null, 'rate', null])
    expect(kept.length).toBe(3)
  })

  test('nothing begins once it is to stop or the lease is gone, and without the lease nothing is recorded', async () => {
    const one = await far()
    const { kept, runner: runs } = runner({ config: () => regionOf([at(one.port)]) })
    expect(await runs.ask([wanted()], { signal: AbortSignal.abort() })).toMatchObject([{ because: 'stopped' }])
    expect(await runs.ask([wanted()], { held: () => false })).toMatchObject([{ because: 'stopped' }])
    expect(one.connections).toBe(0)
    let held = true
    one.script.push((_message, socket) => {
      held = false
      socket.end()
    })
    expect(await runs.ask([wanted()], { held: () => held })).toMatchObject([{ result: null, because: 'stopped' }])
    expect(kept).toEqual([])
  })

  test('what recording throws is thrown, and the endpoint is free again', async () => {
    const one = await far()
    let broken = true
    const record = async (): Promise<void> => {
      if (broken) throw new Error('disk')
    }
    const { runner: runs } = runner({ config: () => regionOf([at(one.port)]), record })
    await expect(runs.ask([wanted()])).rejects.toThrow('disk')
    broken = false
    expect(await runs.ask([wanted()])).toMatchObject([{ because: null }])
  })

  test('on schedule: what is due is made, again when it is due again, until it is stopped', async () => {
    const one = await far()
    let nowMs = 10_000
    const timers: { ms: number; run: () => void }[] = []
    const clock = {
      nowMs: () => nowMs,
      monotonicMs: () => nowMs,
      after: (ms: number, run: () => void) => {
        const timer = { ms, run }
        timers.push(timer)
        return () => void timers.splice(timers.indexOf(timer), timers.includes(timer) ? 1 : 0)
      },
    }
    const last = new Map<string, number>()
    const rounds: PromiseWithResolvers<void>[] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const record = async ({ name }: WantedProbe, { atMs }: ProbeResult): Promise<void> => {
      last.set(name, atMs)
      rounds.shift()?.resolve()
    }
    const { runner: runs } = runner({ config: () => regionOf([at(one.port)]), record, clock })
    const stop = runs.start({
      wanted: () => [wanted({ everyMs: 40_000 })],
      last: ({ wanted: { name } }) => last.get(name) ?? null,
      spread: () => 0,
      held: () => true,
      failed: (fault) => expect.unreachable(String(fault)),
    })
    const next = async (): Promise<number> => {
      while (timers.length !== 1) await new Promise<void>((resolve) => setImmediate(resolve))
      return timers[0]!.ms
    }
    const round = async (): Promise<void> => {
      const made = rounds[0]!.promise
      timers.shift()!.run()
      await made
    }
    expect(await next()).toBe(1_000)
    await round()
    expect(await next()).toBe(40_000)
    nowMs += 40_000
    await round()
    expect(one.received().length).toBe(2)
    await next()
    await stop()
    expect(timers).toEqual([])
  })
})

describe('the catalogue', () => {
  test.each(Object.keys(PROBE_FAULTS) as ProbeFault[])('%s says the same in both languages', (fault) => {
    const names = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort()
    const { fr, en } = PROBE_FAULTS[fault]
    expect(names(fr)).toEqual(names(en))
  })

  test('docs/probes.md has it whole', () => {
    const shown = [...textOf('docs/probes.md').matchAll(/^\| `([A-Z][A-Z0-9_]+)` \| (.*) \|$/gm)]
    expect(shown.map(([, fault, sentence]) => [fault, sentence])).toEqual(
      Object.entries(PROBE_FAULTS).map(([fault, { en }]) => [fault, en]),
    )
  })

  test('a sentence names what was found', () => {
    const found = { fault: 'LATE', params: { ms: '3200', within: '3000' } } as const
    expect(faultSentence(found, 'en')).toBe('The answer took 3200 ms; 3000 ms are allowed.')
    expect(faultSentence({ ...found, params: {} }, 'fr')).not.toContain('{')
  })
})
