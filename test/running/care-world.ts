/** A whole gateway with services of telemedicine, for the tests of their pages. */
import type { Page } from 'playwright-core'
import { ROLES, type Role } from '../../src/core/roles.ts'
import { sha256 } from '../console/region.ts'
import { faultsOf, look } from '../support/chromium.ts'
import { makeWorld, postTexts, type World } from './gateway.ts'

/** Patients of the hospital, as its software registers them. */
export const REGISTERED = ['MARTIN (FICTIF)', 'DUPONT (FICTIF)']

const site = (id: string, name: string, kind: string, more: object = {}) => ({
  id,
  name,
  kind,
  senders: { facilities: [id.toUpperCase()], keys: [{ keySha256: sha256(`system-${id}`) }] },
  ...more,
})

/** Who works where: the key of each is `ROLE-ESTABLISHMENT`. */
const PEOPLE: readonly (readonly [Role, string])[] = [
  ['requester', 'ch-laval'],
  ['requester', 'ehpad-genets'],
  ['expert', 'chu-angers'],
  ['expert', 'chu-nantes'],
  ['expert', 'expertise'],
  ['secretariat', 'expertise'],
]

const operators = [
  ...PEOPLE.map(([role, establishment]) => ({
    name: `${role}-${establishment}`,
    role,
    keySha256: sha256(`${role}-${establishment}`),
    establishments: [establishment],
  })),
  ...ROLES.filter((role) => ['coordination', 'admin', 'dpo'].includes(role)).map((role) => ({
    name: role,
    role,
    keySha256: sha256(role),
  })),
]

/** Starts it; over when the test is. `more`: of region.yaml; `laval`: of the hospital. */
export async function careWorld(more: object = {}, laval: object = {}): Promise<World> {
  const world = makeWorld()
  world.write(
    {},
    {
      region: { name: 'Région d’essai', timeZone: 'Europe/Paris', locale: 'fr' },
      operators,
      establishments: [
        // A region of qualification alone: its tests are what it has.
        site('ch-laval', 'Centre hospitalier (fictif)', 'hospital', {
          destinations: { dpi: { type: 'mllp', host: '127.0.0.1', port: 1, use: 'qualification' } },
          ...laval,
        }),
        site('ehpad-genets', 'EHPAD Les Genêts (fictif)', 'nursing-home'),
        site('chu-angers', 'CHU A (fictif)', 'university-hospital'),
        site('chu-nantes', 'CHU N (fictif)', 'university-hospital'),
        site('expertise', 'Centre expert (fictif)', 'expert-centre'),
      ],
      routes: [{ name: 'all', when: { kinds: ['ADT^A01', 'ORM^O01'] }, to: ['platform'] }],
      telemedicine: {
        coordinationNumber: '02 61 91 00 10',
        services: {
          stroke: {
            ladders: {
              answer: { centres: { '*': ['chu-angers', 'chu-nantes'] } },
              interventional: { centres: { '*': ['chu-nantes'] } },
            },
          },
          'plaies-escarres': { ladders: { answer: { centres: { '*': ['expertise'] } } } },
          'tele-dermatologie': { ladders: { answer: { centres: { '*': ['expertise'] } } } },
        },
      },
      ...more,
    },
  )
  await world.start()
  return world
}

/** Registers patients at the hospital, by its own messages. */
export async function register(world: World, names: readonly string[] = REGISTERED): Promise<void> {
  const messages = names.map((name, n) =>
    [
      `MSH|^~\\&|GAM|CH-LAVAL|PASSERELLE|REGION|20261126101500||ADT^A01^ADT_A01|ADT-${n}|T|2.5|||||FRA|UNICODE UTF-8`,
      'EVN||20261126101500',
      `PID|1||47${n}^^^CHL&1.2.3.4&ISO^PI||${name}^JEANNE^^^^^L||19400102|F`,
      'PV1|1|I|URG',
      '',
    ].join('\r'),
  )
  await postTexts(world.port('mllp'), messages)
}

/** Reads a page, or sends a form, with somebody's key. */
export async function page(
  world: World,
  key: string,
  path: string,
  form: Readonly<Record<string, string>> | FormData | null = null,
): Promise<{ readonly status: number; readonly text: string; readonly to: string | null }> {
  const body = form === null ? undefined : form instanceof FormData ? form : new URLSearchParams(form)
  const response = await fetch(world.url() + path, {
    method: body === undefined ? 'GET' : 'POST',
    redirect: 'manual',
    headers: { authorization: `Bearer ${key}`, 'accept-language': 'fr' },
    ...(body !== undefined && { body }),
  })
  return { status: response.status, text: await response.text(), to: response.headers.get('location') }
}

/** A text that would be script, where it is taken for more than text. */
export const HOSTILE = '"><script>alert(1)</script>'
/** Words of the spine, which no French page says. */
export const FORBIDDEN =
  /gateway|parked|queued|replay|resend|dry run|finding|\blane|unknown|expired|poisoned|mailbox|bounce|drill|break glass|needle/i

/** What a person reads of a page. */
export const read = (target: Page): Promise<string> => target.evaluate('document.body.innerText')

/** Somebody at a browser; the faults that it complains of. `through`: another address of the same gateway. */
export async function person(
  world: World,
  key: string,
  eyes: { language?: 'fr' | 'en'; script?: boolean; through?: string } = {},
) {
  const { language = 'fr', script = true, through = world.url() } = eyes
  const context = await look({ language, theme: language === 'fr' ? 'dark' : 'light', key, script })
  const target = await context.newPage()
  const faults = faultsOf(target, through)
  return { target, faults, go: (path: string) => target.goto(through + path) }
}

/** The cases of the API as somebody sees them. */
export async function cases(world: World, key: string, query = ''): Promise<readonly SeenCase[]> {
  return JSON.parse((await page(world, key, `/api/cases${query}`)).text).cases
}

/** A case as the API shows it. */
export interface SeenCase {
  readonly id: string
  readonly number: string
  readonly drill: boolean
  readonly late: boolean
  readonly times: Record<string, { at: string }>
  readonly requests: readonly {
    readonly callBack: string
    readonly reason: string
    readonly attachments: readonly string[]
  }[]
  readonly patient: { readonly family: string; readonly status: string }
  readonly consent: { readonly given: boolean } | null
  readonly state: string
}
