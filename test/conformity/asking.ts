import type { ProbeParts } from '../../src/conformity/probes/parts.ts'
import { probe } from '../../src/conformity/probes/probe.ts'
import type { Use } from '../../src/core/config.ts'
import type { ProbeKind } from '../../src/core/conformity.ts'
import type { Clock } from '../../src/core/ports.ts'
import type { Endpoint, ProbeResult } from '../../src/core/probes.ts'
import { dial } from '../../src/senders/dial.ts'
import { realClock } from '../support/peers/clock.ts'

/** The machine's time, in which waits end when they are told to. */
export interface ExpiringClock extends Clock {
  /** Ends the waits that are under way, as far as they are no longer than this (ms); else all. */
  expire(longestMs?: number): void
}

/** A clock for far sides that never answer: they tell when it is enough. */
export function expiringClock(): ExpiringClock {
  const waits = new Set<{ readonly ms: number; readonly run: () => void }>()
  return {
    ...realClock,
    after(ms, run) {
      const wait = { ms, run }
      waits.add(wait)
      return () => void waits.delete(wait)
    },
    expire(longestMs = Number.POSITIVE_INFINITY) {
      for (const wait of [...waits].filter(({ ms }) => ms <= longestMs)) {
        waits.delete(wait)
        wait.run()
      }
    },
  }
}

let count = 0

/** Parts as the gateway wires them, without mail. */
export function probeParts(parts: Partial<ProbeParts> = {}): ProbeParts {
  return {
    clock: realClock,
    ids: { uuid: () => `00000000-0000-7000-8000-${String(++count).padStart(12, '0')}`, random: () => 0.5 },
    dial,
    timeZone: 'Europe/Paris',
    finess: () => '530000371',
    mail: null,
    ...parts,
  }
}

/** An endpoint of `ch-laval`. */
export function endpointOf(target: Endpoint['target'], use: Use = 'qualification'): Endpoint {
  return { id: 'ch-laval/gam', establishment: 'ch-laval', use, target }
}

/** Asks it. */
export function asked(
  endpoint: Endpoint,
  kind: ProbeKind,
  settings: Readonly<Record<string, unknown>> = {},
  parts: Partial<ProbeParts> = {},
): Promise<ProbeResult> {
  return probe(endpoint, kind, settings, probeParts(parts))
}

/** The words of its faults, in order. */
export function words({ faults }: ProbeResult): string[] {
  return faults.map(({ fault }) => fault)
}
