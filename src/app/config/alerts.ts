import type { AlertRules, NotifyChannel } from '../../core/config.ts'
import { GatewayError } from '../../core/errors.ts'
import { durationMs } from '../../core/units.ts'
import type { Reference } from './material.ts'
import type { WrittenAlerts, WrittenChannel } from './written.ts'

/** The rules as the watch uses them. Pure. */
export function alertRules({ queueAge, errorShare, errorLeast, silence, kept }: WrittenAlerts): AlertRules {
  const { weeks, factor, least } = silence
  return {
    queueAgeMs: durationMs(queueAge),
    errorShare,
    errorLeast,
    silence: { weeks, factor, leastMs: durationMs(least) },
    keptMs: durationMs(kept),
  }
}

/** A channel as it is used, with its secrets read. @throws {GatewayError} CONFIG_INVALID if one cannot be read, or what its type needs is missing */
export function notifyChannel(
  written: WrittenChannel,
  locale: 'fr' | 'en',
  text: (reference: Reference) => string,
): NotifyChannel {
  const { name, severities, kinds, establishments, every } = written
  return {
    name,
    target: targetOf(written, text),
    severities,
    kinds: kinds ?? null,
    establishments: establishments ?? null,
    everyMs: durationMs(every),
    locale: written.locale ?? locale,
  }
}

function targetOf(written: WrittenChannel, text: (reference: Reference) => string): NotifyChannel['target'] {
  const { type, name } = written
  const needed = <T>(value: T | undefined, key: string): T => {
    if (value === undefined) throw new GatewayError('CONFIG_INVALID', `notify ${name}: ${key}`)
    return value
  }
  const secret = (reference: Reference | undefined): string | null =>
    reference === undefined ? null : text(reference).trim()
  const { allowPrivate } = written
  if (type === 'webhook') {
    const key = secret(needed(written.secret, 'secret')) ?? ''
    return { type, url: needed(written.url, 'url'), secret: key, allowPrivate }
  }
  const to = needed(written.to, 'to')
  if (type === 'sms') {
    const { contentType = 'application/json', bearer } = written
    const about = { url: needed(written.url, 'url'), body: needed(written.body, 'body'), contentType }
    return { type, ...about, bearer: secret(bearer), to, allowPrivate }
  }
  const { security = 'starttls', user, ca } = written
  return {
    type,
    host: needed(written.host, 'host'),
    port: written.port ?? (security === 'tls' ? 465 : 587),
    security,
    ca: ca === undefined ? null : text(ca),
    user: user ?? null,
    password: secret(written.password),
    from: needed(written.from, 'from'),
    to,
  }
}
