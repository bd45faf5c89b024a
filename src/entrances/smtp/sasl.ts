import type { ErrorCode } from '../../core/errors.ts'
import type { MailPeer, MailSignIn, MailUser } from '../../core/mail.ts'
import { reply } from './reply.ts'
import type { Wire } from './wire.ts'

/** What became of an AUTH. `said`: it was answered already; `ended`: the connection is over. */
export type SignedIn =
  | { readonly kind: 'yes'; readonly user: MailUser }
  | { readonly kind: 'no'; readonly code: ErrorCode }
  | { readonly kind: 'said' }
  | { readonly kind: 'ended' }

const NO = { kind: 'no', code: 'MAIL_AUTH_FAILED' } as const
const SAID = { kind: 'said' } as const
const ENDED = { kind: 'ended' } as const

/**
 * One AUTH command (RFC 4954), its initial response there or asked for: XOAUTH2 and OAUTHBEARER (RFC 7628) with an access
 * token, EXTERNAL with the certificate of the connection, PLAIN and LOGIN where a lab has passwords. */
export async function signIn(
  argument: string,
  mechanisms: readonly string[],
  wire: Wire,
  who: MailSignIn,
  peer: MailPeer,
): Promise<SignedIn> {
  const [name = '', initial, ...more] = argument.split(' ')
  const mechanism = name.toUpperCase()
  if (more.length > 0) return say(wire, '501 5.5.4', 'Syntax: AUTH mechanism response')
  if (!mechanisms.includes(mechanism)) return say(wire, '504 5.5.4', 'No such way to sign in')
  if (mechanism === 'LOGIN') return login(initial, wire, who)
  const given = initial === undefined ? await ask('', wire) : decoded(initial)
  if (typeof given !== 'string') return given
  switch (mechanism) {
    case 'XOAUTH2':
    case 'OAUTHBEARER':
      return bearer(given, mechanism, wire, who)
    case 'EXTERNAL':
      return external(given, who, peer)
    default:
      return plain(given, who)
  }
}

async function bearer(given: string, mechanism: string, wire: Wire, who: MailSignIn): Promise<SignedIn> {
  const fields = given.split('\x01')
  const token = fields.map((one) => /^auth=Bearer ([\w.~+/=-]+)$/i.exec(one)?.[1]).find((one) => one !== undefined)
  const name =
    mechanism === 'XOAUTH2'
      ? fields.map((one) => /^user=(.*)$/.exec(one)?.[1]).find((one) => one !== undefined)
      : /^n,a=([^,]*),/.exec(fields[0] ?? '')?.[1]
  const user = token === undefined ? null : await who.token(name ?? '', token)
  if (user !== null && 'code' in user) return { kind: 'no', code: user.code }
  if (user !== null) return { kind: 'yes', user }
  // The client is told by a challenge, and answers it with nothing (RFC 7628 §3.2.3).
  const challenge = Buffer.from(JSON.stringify({ status: '401', schemes: 'Bearer', scope: 'openid' })).toString(
    'base64',
  )
  await wire.write(reply('334', challenge))
  const line = await wire.line()
  return line === 'gone' || line === 'late' ? ENDED : NO
}

async function external(given: string, who: MailSignIn, peer: MailPeer): Promise<SignedIn> {
  const user = await who.certificate(peer)
  if (user === null || (given !== '' && given !== '=' && !user.addresses.includes(given.toLowerCase()))) return NO
  return { kind: 'yes', user }
}

async function plain(given: string, who: MailSignIn): Promise<SignedIn> {
  const [authorise = '', name = '', password, ...more] = given.split('\0')
  if (password === undefined || more.length > 0 || (authorise !== '' && authorise !== name)) return NO
  return named(await who.password(name, password))
}

async function login(initial: string | undefined, wire: Wire, who: MailSignIn): Promise<SignedIn> {
  const name = initial === undefined ? await ask('Username:', wire) : decoded(initial)
  if (typeof name !== 'string') return name
  const password = await ask('Password:', wire)
  return typeof password === 'string' ? named(await who.password(name, password)) : password
}

function named(user: MailUser | null): SignedIn {
  return user === null ? NO : { kind: 'yes', user }
}

/** Asks for what was not given. */
async function ask(challenge: string, wire: Wire): Promise<string | SignedIn> {
  await wire.write(reply('334', Buffer.from(challenge).toString('base64')))
  const line = await wire.line()
  if (line === 'gone' || line === 'late' || line === 'told') return ENDED
  if (line === 'strange' || line === 'bare' || line === 'long') return ENDED
  if (line === '*') return say(wire, '501 5.7.0', 'Given up')
  return decoded(line)
}

function decoded(text: string): string | SignedIn {
  if (text === '=') return ''
  if (!/^[A-Za-z\d+/]*={0,2}$/.test(text)) return NO
  return Buffer.from(text, 'base64').toString('utf8')
}

async function say(wire: Wire, code: string, text: string): Promise<SignedIn> {
  await wire.write(reply(code, text))
  return SAID
}
