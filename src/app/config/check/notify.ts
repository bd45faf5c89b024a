import { isIP } from 'node:net'
import { isLoopback } from '../../../core/address.ts'
import { type ReadMaterial, type Reference, referenceText } from '../material.ts'
import { error, type Fault, type Path } from '../problem.ts'
import type { WrittenChannel, WrittenRegion } from '../written.ts'
import { addressProblem } from './destinations.ts'
import { present } from './sound.ts'

const NEEDED = { mail: ['host', 'from', 'to'], webhook: ['url', 'secret'], sms: ['url', 'body', 'to'] } as const
const FOREIGN = {
  mail: ['url', 'secret', 'bearer', 'body', 'contentType'],
  webhook: ['host', 'port', 'security', 'ca', 'user', 'password', 'from', 'to', 'bearer', 'body', 'contentType'],
  sms: ['host', 'port', 'security', 'ca', 'user', 'password', 'from', 'secret'],
} as const
const MAIL = /^[^\s@<>(),;:"\\]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$/
const NUMBER = /^\+?[0-9]{6,15}$/

/** How material that is not there is judged. */
export interface NotifyCheck {
  readonly read: ReadMaterial
  readonly missing: 'error' | 'warning'
}

/** Channels of `notify` without what their type needs, with secrets written out, or at an address that is none. */
export function notifyFaults(region: WrittenRegion, known: ReadonlySet<string>, check: NotifyCheck): Fault[] {
  const names = new Set<string>()
  return present(region.notify).flatMap(([i, channel]) => {
    const at: Path = ['notify', i]
    const twice = names.has(channel.name)
    names.add(channel.name)
    return [
      ...(twice ? [error([...at, 'name'], 'NAME_TWICE', `${channel.name} is the name of another channel`)] : []),
      ...formFaults(channel, at),
      ...addressFaults(channel, at),
      ...(channel.establishments ?? []).flatMap((id, j) =>
        known.has(id)
          ? []
          : [error([...at, 'establishments', j], 'UNKNOWN_ESTABLISHMENT', `there is no establishment ${id}`)],
      ),
      ...(['password', 'secret', 'bearer'] as const).flatMap((key) => secretFaults(channel[key], [...at, key], check)),
    ]
  })
}

function formFaults(channel: WrittenChannel, at: Path): Fault[] {
  const { type } = channel
  return [
    ...NEEDED[type]
      .filter((key) => channel[key as keyof WrittenChannel] === undefined)
      .map((key) => error(at, 'MISSING', `${key} is missing`)),
    ...FOREIGN[type]
      .filter((key) => channel[key as keyof WrittenChannel] !== undefined)
      .map((key) => ({ ...error([...at, key], 'UNKNOWN_KEY', `${key} is no setting of type ${type}`), onKey: true })),
    ...(channel.user !== undefined && channel.password === undefined
      ? [error(at, 'MISSING', 'password is missing')]
      : []),
    ...(channel.body !== undefined && !channel.body.includes('{text}')
      ? [error([...at, 'body'], 'BAD_VALUE', 'a body without {text} tells nothing')]
      : []),
    ...(type === 'webhook' ? [] : (channel.to ?? [])).flatMap((to, j) =>
      (type === 'mail' ? MAIL : NUMBER).test(to)
        ? []
        : [error([...at, 'to', j], 'BAD_VALUE', `this is no ${type === 'mail' ? 'mail address' : 'telephone number'}`)],
    ),
  ]
}

function addressFaults(channel: WrittenChannel, at: Path): Fault[] {
  if (channel.type === 'mail') {
    const { host, security } = channel
    if (security !== 'none' || host === undefined || isLoopback(host) || channel.allowPlain) return []
    const message = `plain mail to ${host}: use starttls or tls, or set allowPlain where the network is trusted`
    return [error([...at, 'security'], 'PLAIN_DESTINATION', message)]
  }
  return channel.url === undefined ? [] : webAddressFaults(channel.url, channel.allowPlain, [...at, 'url'])
}

/** An address that notices are posted to and that is none, not encrypted, or the machine's own network. */
export function webAddressFaults(url: string, allowPlain: boolean, path: Path): Fault[] {
  const problem = addressProblem(url)
  if (problem !== null) return [error(path, 'BAD_URL', problem)]
  const { protocol, hostname } = new URL(url)
  const bare = hostname.replace(/^\[|\]$/g, '')
  if (isIP(bare) !== 0 && /^(169\.254\.|fe[89ab]|::ffff:169\.254\.|::ffff:a9fe:)/i.test(bare))
    return [error(path, 'BAD_URL', 'this address is the machine’s own network: nothing is told there')]
  if (protocol === 'https:' || isLoopback(hostname) || allowPlain) return []
  const message = `plain http to ${hostname}: use https, or set allowPlain where the network is trusted`
  return [error(path, 'PLAIN_DESTINATION', message)]
}

/** A key of ours elsewhere is written nowhere but where the reference leads; what it is stays unsaid. */
export function secretFaults(secret: Reference | undefined, path: Path, { read, missing }: NotifyCheck): Fault[] {
  if (secret === undefined) return []
  if (typeof secret === 'string')
    return [error(path, 'SECRET_INLINE', 'a secret is named, never written here: { file: PATH } or { env: NAME }')]
  try {
    if (/^[\x20-\x7e]{8,}$/.test(read(secret).trim())) return []
    return [error(path, 'BAD_VALUE', `${referenceText(secret)} holds no secret of eight or more characters of ASCII`)]
  } catch {
    return [{ ...error(path, 'FILE_MISSING', `${referenceText(secret)} is not there`), severity: missing }]
  }
}
