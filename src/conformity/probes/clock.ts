import type { SystemTarget } from '../../core/config.ts'
import type { Endpoint, FoundFault } from '../../core/probes.ts'
import { ask } from './http.ts'
import { roundTrip } from './mllp.ts'
import { type Asking, type Finding, fault, found } from './parts.ts'
import type { ClockSettings } from './settings.ts'
import { skewOfDate, skewOfStamp } from './skew.ts'

/**
 * Compares the far side's clock with ours: by the Date header of a HEAD of the declared address, whatever its status, or by
 * MSH-7 of the acknowledgement of a test message. Never rejects. */
export async function probeClock(endpoint: Endpoint, { toleranceMs }: ClockSettings, asking: Asking): Promise<Finding> {
  const target = endpoint.target as SystemTarget
  if (target.type === 'mllp') {
    const tried = await roundTrip(endpoint, 'ADT^A28', asking)
    if (!tried.ok) return tried.finding
    const { answer, sentAtMs, atMs, ms } = tried.trip
    const told = { timeZone: asking.timeZone, fromMs: sentAtMs, toMs: atMs }
    return judge(skewOfStamp(answer.text('MSH-7'), told), ms, toleranceMs)
  }
  const asked = await ask(target, { method: 'HEAD', path: '', accept: '*/*' }, asking)
  if (!asked.ok) return asked.finding
  const { date, sentAtMs, atMs, ms } = asked.answer
  return judge(skewOfDate(date, { fromMs: sentAtMs, toMs: atMs }), ms, toleranceMs)
}

function judge(skewMs: number | null, answerMs: number, within: number): Finding {
  if (skewMs === null) return found([fault('NO_TIME')], { answerMs })
  const faults: FoundFault[] = Math.abs(skewMs) > within ? [fault('CLOCK_SKEW', { ms: skewMs, within })] : []
  return found(faults, { answerMs, skewMs })
}
