import { scryptSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { sourceOf } from '../../src/app/sign-in/at-door.ts'
import { isPassword } from '../../src/app/sign-in/password.ts'
import { base32, fromBase32, matchingStep, otpauth, stepAt, totp } from '../../src/formats/totp.ts'
import { passerelle } from '../cli/terminal.ts'
import { startSignIn } from './world.ts'

const PASSWORD = 'un-mot-de-passe-bien-long'
const SECRET = Buffer.from('12345678901234567890')
const SALT = Buffer.alloc(16, 7)
/** Cheap, as no hash of the command is. */
const HASH = `scrypt$1024$8$1$${SALT.toString('base64url')}$${scryptSync(PASSWORD, SALT, 32, { N: 1_024, r: 8, p: 1 }).toString('base64url')}`
const ADMINISTRATORS = [{ name: 'secours', password: HASH, totp: base32(SECRET) }]

// RFC 6238, appendix B, SHA-1, the last six digits.
test.each([
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
])('the code at %i s is %s', (atS, code) => {
  expect(totp(SECRET, stepAt(atS * 1_000))).toBe(code)
})

test.each([
  [-60_001, false],
  [-30_000, true],
  [0, true],
  [30_000, true],
  [60_000, false],
])('a code whose clock is %i ms off counts: %s', (offMs, counts) => {
  const atMs = 1_800_000_000_000
  expect(matchingStep(SECRET, totp(SECRET, stepAt(atMs + offMs)), atMs) !== null).toBe(counts)
})

test('base32 and the address for an authenticator', () => {
  for (const text of ['', 'f', 'fo', 'foo', 'foob', 'fooba', 'foobar']) {
    expect(Buffer.from(fromBase32(base32(Buffer.from(text)))).toString()).toBe(text)
  }
  expect(base32(Buffer.from('foobar'))).toBe('MZXW6YTBOI')
  expect(() => fromBase32('1')).toThrow(RangeError)
  expect(otpauth('Passerelle', 'secours', SECRET)).toBe(
    'otpauth://totp/Passerelle:secours?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Passerelle',
  )
})

async function started() {
  const world = await startSignIn({ localAdministrators: ADMINISTRATORS })
  const code = () => totp(SECRET, stepAt(world.nowMs()))
  const own = world.browser()
  const enter = (fields: Record<string, string> = {}, browser = own) =>
    browser.send('/connexion/urgence', {
      account: 'secours',
      password: PASSWORD,
      code: code(),
      suite: '/session',
      ...fields,
    })
  return { ...world, own, enter, code }
}

test('an administrator gets in with password and code, and it is an alert', async () => {
  const { own, enter, events, log, alerts } = await started()
  expect((await own.go('/connexion')).text).toContain('/connexion/urgence')
  expect((await own.go('/connexion/urgence')).text).toContain('bris de glace')
  expect((await enter()).location).toBe('/session')
  expect((await own.go('/session')).text).toMatch(/secours.*Administrateur/s)
  expect((await events()).map(({ what, who, code }) => [what, who, code])).toEqual([
    ['break-glass', 'secours', null],
    ['take-role', 'secours', null],
    ['alert', 'gateway', 'BREAK_GLASS'],
  ])
  expect(alerts('BREAK_GLASS')).toBe(1)
  expect(log.join('')).not.toContain(PASSWORD)
})

test('wrong password, wrong code, unknown account, a code used before: the same answer, and longer and longer waits', async () => {
  const { enter, pass, code, events, sessions } = await started()
  const refused = async (fields: Record<string, string>) => {
    const { status, text } = await enter(fields)
    expect([status, text.includes('EMERGENCY_REFUSED') || text.includes('Compte, mot de passe')]).toEqual([403, true])
  }
  await refused({ password: 'faux' })
  expect((await enter()).status).toBe(429)
  pass(1_001)
  await refused({ code: code() === '000000' ? '111111' : '000000' })
  pass(1_001)
  expect((await enter()).status).toBe(429)
  pass(1_001)
  await refused({ account: `${PASSWORD} typed in the wrong field` })
  const used = code()
  expect((await enter({ code: used })).status).toBe(303)
  await refused({ code: used })
  expect(await sessions.list(null)).toHaveLength(1)
  const told = JSON.stringify(await events())
  expect(told).not.toContain(PASSWORD)
  expect((await events()).filter(({ what }) => what === 'refuse-sign-in').map(({ who }) => who)).toEqual([
    'secours',
    'secours',
    'unknown',
    'secours',
  ])
})

test('no answer tells which accounts there are, however soon after a refusal', async () => {
  const { enter } = await started()
  const wrong = async (account: string) => (await enter({ account, password: 'faux' })).status
  // Nobody waits for what somebody else was refused; whoever tries the same again does.
  expect([await wrong('nobody'), await wrong('no one'), await wrong('secours')]).toEqual([403, 403, 403])
  expect([await wrong('nobody'), await wrong('no one'), await wrong('secours')]).toEqual([429, 429, 429])
})

test('that way is closed unless an account is declared, and ends when its password changes', async () => {
  const { own, enter, change } = await started()
  await enter()
  expect((await own.go('/session')).status).toBe(200)
  change({ localAdministrators: [{ ...ADMINISTRATORS[0]!, password: HASH.replace('$1024$', '$2048$') }] })
  expect((await own.go('/session')).status).toBe(303)
  change({ localAdministrators: [] })
  expect((await own.go('/connexion/urgence')).status).toBe(404)
  expect((await enter()).status).toBe(404)
})

test('too many attempts of an address are held back', async () => {
  const { enter, change, pass } = await started()
  change({ limits: { idleMs: 1_800_000, absoluteMs: 36_000_000, attemptsPerMinute: 2 } })
  await enter({ account: 'a' })
  pass(1_001)
  await enter({ account: 'a' })
  pass(2_001)
  expect((await enter()).status).toBe(429)
  pass(60_000)
  expect((await enter()).status).toBe(303)
})

test('whoever guesses from elsewhere does not keep the account closed, and is held back there', async () => {
  const { enter, change, pass, browser } = await started()
  change({ limits: { idleMs: 1_800_000, absoluteMs: 36_000_000, attemptsPerMinute: 4 } })
  for (const from of ['127.0.0.2', '127.0.0.3'])
    for (let i = 0; i < 3; i++) {
      expect((await enter({ password: 'faux' }, browser(from))).status).toBe(403)
      pass(2 ** i * 1_000 + 1)
    }
  // The account has failed six times within a minute: those who did it wait for the minute to end, whatever their own wait.
  for (const from of ['127.0.0.2', '127.0.0.3'])
    expect((await enter({ password: 'faux' }, browser(from))).status).toBe(429)
  // An administrator elsewhere may even mistype.
  expect((await enter({ password: 'faux' })).status).toBe(403)
  pass(1_001)
  expect((await enter()).status).toBe(303)
})

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:0:7:a:b:c:d', '2001:db8:0:7::/64'],
  ['2001:DB8::7', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
])('attempts from %s count for %s', (ip, source) => {
  expect(sourceOf({ ip })).toBe(source)
})

test('account hash makes a hash that its password opens, and a code', async () => {
  const { code, out } = await passerelle(['account', 'hash', 'secours', '--json'])
  const made = JSON.parse(out)
  expect(code).toBe(0)
  expect(made).toMatchObject({ name: 'secours', otpauth: expect.stringContaining(`secret=${made.totp}`) })
  expect(made.hash).toMatch(/^scrypt\$131072\$8\$1\$/)
  expect([await isPassword(made.password, made.hash), await isPassword(`${made.password}x`, made.hash)]).toEqual([
    true,
    false,
  ])
  expect(await isPassword('x', 'no hash')).toBe(false)
  expect((await passerelle(['account', 'mend', 'secours'])).code).toBe(2)
  expect((await passerelle(['account', 'hash', 'Secours'])).code).toBe(2)
})
