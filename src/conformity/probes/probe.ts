import type { ProbeKind } from '../../core/conformity.ts'
import { codeOf } from '../../core/errors.ts'
import type { Endpoint, ProbeOutcome, ProbeResult } from '../../core/probes.ts'
import { probeClock } from './clock.ts'
import { probeDicomweb } from './dicomweb.ts'
import { askedAt } from './endpoints.ts'
import { probeCapability } from './fhir-capability.ts'
import { probeExchange } from './fhir-exchange.ts'
import { probeMail } from './mail.ts'
import { probeMllp } from './mllp.ts'
import { type Asking, type Finding, fault, found, PROBE_LIMITS, type ProbeParts } from './parts.ts'
import { type ProbeSettings, readSettings } from './settings.ts'
import { probeTls } from './tls/tls.ts'

type Probe<K extends ProbeKind> = (endpoint: Endpoint, settings: ProbeSettings[K], asking: Asking) => Promise<Finding>

const PROBES: { readonly [K in ProbeKind]: Probe<K> } = {
  tls: probeTls,
  mllp: probeMllp,
  'fhir-capability': probeCapability,
  'fhir-exchange': probeExchange,
  mail: (endpoint, _settings, asking) => probeMail(endpoint, asking),
  dicomweb: probeDicomweb,
  clock: probeClock,
}

/**
 * Asks one endpoint what one kind of probe asks, within the time and bytes of the limits, and tells what was found. What needs
 * a qualification and is asked of another endpoint is not sent there. Never rejects. */
export async function probe(
  endpoint: Endpoint,
  kind: ProbeKind,
  settings: Readonly<Record<string, unknown>>,
  parts: ProbeParts,
): Promise<ProbeResult> {
  const { clock, limits = PROBE_LIMITS } = parts
  const over = new AbortController()
  const cancel = clock.after(limits.totalMs, () => over.abort())
  const finding = await find(endpoint, kind, settings, { ...parts, limits, signal: over.signal })
  cancel()
  const { faults, facts } = finding
  const { id, establishment, use } = endpoint
  const asked = askedAt(endpoint, parts.finess(establishment))
  const outcome = outcomeOf(finding)
  return { kind, endpoint: id, establishment, use, asked, outcome, faults, facts, atMs: clock.nowMs() }
}

async function find<K extends ProbeKind>(
  endpoint: Endpoint,
  kind: K,
  settings: Readonly<Record<string, unknown>>,
  asking: Asking,
): Promise<Finding> {
  try {
    const read = readSettings(kind, settings)
    if (!read.ok) return found([fault('SETTINGS_WRONG', { at: read.at })])
    return await PROBES[kind](endpoint, read.settings, asking)
  } catch (thrown) {
    return found([fault('PROBE_BROKE', { reason: codeOf(thrown) })])
  }
}

function outcomeOf({ faults, reached }: Finding): ProbeOutcome {
  if (!reached) return 'unreachable'
  return faults.length === 0 ? 'pass' : 'fail'
}
