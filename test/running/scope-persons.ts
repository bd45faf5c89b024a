import { randomUUID } from 'node:crypto'
import { breadthOf, MAY, ROLES, type Role } from '../../src/core/roles.ts'
import {
  CLINICAL,
  fhir,
  hl7,
  markOf,
  otherOf,
  patient,
  type Scene,
  type Side,
  type Thing,
  type Told,
  type Who,
} from './scope-world.ts'

/** What is wrong with an answer that has to show a side its own, and nothing of the other. */
export function shownTo(who: Who, side: Side, { status, text }: Told): string[] {
  const low = text.toLowerCase()
  return [
    ...(status < 300 ? [] : [`${side} got ${status} for its own: ${text.slice(0, 200)}`]),
    ...(low.includes(markOf(side)) ? [] : [`${side} does not see its own: ${text.slice(0, 200)}`]),
    ...foreign(who, side, low),
  ]
}

/** What is wrong with an answer about what is the other side's. */
export function hiddenFrom(who: Who, side: Side, { status, text }: Told): string[] {
  const low = text.toLowerCase()
  const own = status === 404 ? [] : [`${side} got ${status} for what is another's: ${text.slice(0, 200)}`]
  return [...own, ...foreign(who, side, low)]
}

function foreign(who: Who, side: Side, text: string): string[] {
  const told = (mark: string) => {
    const at = text.indexOf(mark)
    return at < 0 ? [] : [`${side} sees ${mark}: …${text.slice(Math.max(0, at - 80), at + 80)}…`]
  }
  // An editor sees its own product alone.
  const products = who === 'editor' ? told('labo') : []
  // Clinical text is for those who may read it.
  const clinical = MAY[who]['cases:clinical'] === undefined ? told(CLINICAL) : []
  return [...told(markOf(otherOf(side))), ...products, ...clinical]
}

/** What the page at `/` shows of a region to who is bound; the others are led to their session, or see all. */
export async function ownFront({ call }: Scene, who: Who): Promise<string[]> {
  const breadth = MAY[who]['overview:read']
  // Whose work is cases is led to those, and comes here on purpose.
  const isAtCases = who === 'requester' || who === 'expert' || who === 'coordination'
  if (isAtCases && (await call(who, 'a', { path: '/' })).to !== '/dossiers') return ['is not led to the cases']
  const path = isAtCases ? '/?ensemble' : '/'
  const [a, b] = [await call(who, 'a', { path }), await call(who, 'b', { path })]
  if (breadth === 'own') return [...shownTo(who, 'a', a), ...shownTo(who, 'b', b), ...ownCertificates(a.text)]
  const right = breadth === 'region' ? a.status === 200 : a.to === '/session'
  return right ? [] : [`a got ${a.status}`]
}

/** The certificate of one's own destination is there: whose it is not was looked for in the whole page. */
function ownCertificates(text: string): string[] {
  const table = /<h2 id="certificates">.*?<\/table>/s.exec(text)?.[0] ?? ''
  return table.includes(`${markOf('a')}-tls`) ? [] : ['a does not see the certificate of its own']
}

interface SignedIn {
  /** Cookies of two sessions of the same person; the page of the second names the first. */
  readonly cookies: readonly [string, string]
  readonly names: readonly string[]
}
const people = new WeakMap<Scene, Promise<ReadonlyMap<Role, SignedIn>>>()

/** A person of every role, signed in twice. */
function signedIn(scene: Scene): Promise<ReadonlyMap<Role, SignedIn>> {
  const known = people.get(scene) ?? signAll(scene)
  people.set(scene, known)
  return known
}

const byCookie = (scene: Scene, cookie: string) => ({ cookie, origin: scene.world.url() })

async function signAll(scene: Scene): Promise<ReadonlyMap<Role, SignedIn>> {
  const all = new Map<Role, SignedIn>()
  for (const role of ROLES) {
    const enter = async () => {
      const headers = byCookie(scene, 'none=1')
      return (await scene.call(null, 'a', { path: '/connexion/demo', form: { role }, headers })).cookie ?? ''
    }
    const cookies = [await enter(), await enter()] as const
    const { text } = await scene.call(null, 'a', { path: '/session', headers: byCookie(scene, cookies[1]) })
    const mine = text.split('id="all"')[0] ?? ''
    all.set(role, {
      cookies,
      names: [...mine.matchAll(/name="session" value="([^"]+)"/g)].map(([, name = '']) => name),
    })
  }
  return all
}

const ends = (who: Who): boolean => who !== 'establishment' && MAY[who]['sessions:act'] !== undefined

const whole = (who: Who): boolean => who !== 'establishment' && breadthOf(who) === 'region'

/** Everybody sees the sessions of their own. */
export async function ownSession(scene: Scene, who: Who): Promise<string[]> {
  const all = await signedIn(scene)
  const { names } = all.get(who as Role)!
  const { text } = await scene.call(who, 'a', { path: '/session' })
  const own = names.length === 1 ? [] : [`sees ${names.length} sessions, and has one other`]
  return [...own, ...(whole(who) || !text.toLowerCase().includes(markOf('b')) ? [] : ['a sees only-b'])]
}

/** Nobody ends the session of another; everybody one of their own. */
export async function ownEnding(scene: Scene, who: Who): Promise<string[]> {
  const all = await signedIn(scene)
  const mine = all.get(who as Role)!
  const other = all.get(who === 'requester' ? 'expert' : 'requester')!
  const end = (session: string) =>
    scene.call(null, 'a', { path: '/session/fin', form: { session }, headers: byCookie(scene, mine.cookies[1]) })
  const faults: string[] = []
  if (!ends(who)) {
    const { status } = await end(other.names[0] ?? '')
    if (status !== 404) faults.push(`got ${status} for the session of another`)
  }
  const { status } = await end(mine.names[0] ?? '')
  return status === 303 ? faults : [...faults, `got ${status} for a session of their own`]
}

/** Who leaves everywhere ends no session of another. */
export async function ownLeaving(scene: Scene, who: Who): Promise<string[]> {
  const all = await signedIn(scene)
  const next = ROLES[ROLES.indexOf(who as Role) + 1]
  const headers = byCookie(scene, all.get(who as Role)!.cookies[1])
  const page = async (cookie: string) =>
    (await scene.call(null, 'a', { path: '/session', headers: { ...byCookie(scene, cookie), accept: 'text/html' } }))
      .status
  const { status } = await scene.call(null, 'a', { path: '/session/partout', form: {}, headers })
  const faults = status === 303 ? [] : [`got ${status}`]
  if ((await page(headers.cookie)) === 200) faults.push('is still in')
  if (next !== undefined && (await page(all.get(next)!.cookies[1])) !== 200) faults.push(`ended the session of ${next}`)
  return faults
}

const runs = new WeakMap<Scene, Promise<string>>()

/** How far something is, nobody is told who did not begin it. */
export async function ownRuns(scene: Scene, who: Who): Promise<string[]> {
  const begin = async (): Promise<string> => {
    const id = randomUUID()
    await scene.call('auditor', 'a', { path: `/audit/export?run=${id}` })
    return id
  }
  const known = runs.get(scene) ?? begin()
  runs.set(scene, known)
  const path = `/api/runs/${await known}`
  const [own, other] = [await scene.call('auditor', 'a', { path }), await scene.call(who, 'b', { path })]
  const faults = own.status === 200 ? [] : [`who began it got ${own.status}`]
  return other.status === 404 ? faults : [...faults, `b got ${other.status} for what is another's`]
}

/** How far an export is, by its ticket. */
export async function ownExports({ call }: Scene, who: Who): Promise<string[]> {
  const ticket = randomUUID()
  await call(who, 'a', { path: '/messages/export', form: { ticket } })
  const path = `/messages/export/${ticket}`
  const [own, other] = [await call(who, 'a', { path }), await call(who, 'b', { path })]
  return [
    ...(/"done":[1-9]\d*,"over":true/.test(own.text) ? [] : [`a is told ${own.text}`]),
    ...(other.text.includes('"done":0,"over":false') ? [] : [`b is told ${other.text}`]),
  ]
}

/** Saved views are a person's own. */
export async function ownViews({ call }: Scene, who: Who): Promise<string[]> {
  const name = `View of ${markOf('a')}`
  const save = { path: '/messages/vues', form: { name, query: 'state=closed' } }
  const { status } = await call(who, 'a', save)
  await call(who, 'b', { path: '/messages/vues', form: { remove: name } })
  const seen = async (side: Side) => (await call(who, side, { path: '/messages' })).text.includes(name)
  return [
    ...(status === 303 ? [] : [`a got ${status}`]),
    ...((await seen('a')) ? [] : ['a has its view no more']),
    ...((await seen('b')) ? ['b sees the view of another'] : []),
  ]
}

/** A key sends in the name of its own establishment alone. */
export async function ownAcceptance({ call }: Scene, path: string): Promise<string[]> {
  const controlId = `crossing-${path.length}`
  const { text } = await call('establishment', 'a', hl7(path, 'B', 'DPI', controlId))
  const shown = await Promise.all([
    call('establishment', 'b', { path: '/api/messages' }),
    call('establishment-it', 'b', { path: '/raccordements/ch-b/results' }),
    call('admin', 'b', { path: '/api/messages' }),
  ])
  return [
    ...(/\rMSA\|A[ER]\|/.test(text) ? [] : [`a is answered ${text.slice(-200)}`]),
    ...(shown.some((one) => one.text.includes(controlId)) ? ['what a sent under the name of b was taken'] : []),
  ]
}

/** What is created is the caller's, and no condition finds what is another's. */
export async function ownCreation({ call }: Scene): Promise<string[]> {
  const ask = fhir('/Patient', patient(`${markOf('a')}-more`))
  const unless = { 'if-none-exist': `identifier=urn:oid:1.2.3|${markOf('b')}` }
  const made = await call('establishment', 'a', { ...ask, headers: { ...ask.headers, ...unless } })
  return [
    ...(made.status === 201 ? [] : [`a got ${made.status}`]),
    ...shownTo('establishment', 'a', made),
    ...shownTo('establishment', 'b', await call('establishment', 'b', fhir('/Patient'))),
  ]
}

/** A message makes what is its sender's. */
export async function ownMessage({ call, things: { a } }: Scene): Promise<string[]> {
  const header = { resourceType: 'MessageHeader', id: randomUUID(), eventUri: 'urn:x', source: { endpoint: 'urn:s' } }
  const entry = [header, patient(`${markOf('a')}-told`)].map((resource) => ({ resource }))
  const message = { resourceType: 'Bundle', type: 'message', meta: patient('').meta, entry }
  const said = await call('establishment', 'a', fhir('/$process-message', message))
  const list = await call('establishment', 'b', { path: '/api/messages' })
  return [
    ...(said.status === 200 ? [] : [`${a.side} got ${said.status}: ${said.text}`]),
    ...shownTo('establishment', 'b', list),
  ]
}

/** Validating says the same of what is another's and of what is not there. */
export async function ownValidation({ call, things: { b } }: Scene): Promise<string[]> {
  const asked = (id: string) => call('establishment', 'a', fhir('/Patient/$validate', patient('P', { id })))
  const [theirs, nobodys] = [await asked(b.patient), await asked(randomUUID())]
  return theirs.status === nobodys.status && theirs.text === nobodys.text ? [] : [`a is told ${theirs.text}`]
}

/** A bundle changes what is its sender's alone. */
export async function ownBundle({ call, things: { a, b } }: Scene): Promise<string[]> {
  const put = ({ side, patient: id }: Thing) => ({
    resource: patient(markOf(side), { id }),
    request: { method: 'PUT', url: `Patient/${id}` },
  })
  const send = (...entry: object[]) =>
    call('establishment', 'a', fhir('', { resourceType: 'Bundle', type: 'transaction', entry }))
  const [own, theirs] = [await send(put(a)), await send(put(b))]
  return [
    ...(own.status === 200 ? [] : [`a got ${own.status}: ${own.text}`]),
    ...hiddenFrom('establishment', 'a', theirs),
  ]
}
