import type { DoorNote } from '../core/configuration.ts'
import { GatewayError } from '../core/errors.ts'
import type {
  Done,
  OnboardingCommands,
  OnboardingKey,
  OnboardingSheet,
  OnboardingViews,
  StepEntry,
} from '../core/onboarding.ts'
import type { Permission } from '../core/roles.ts'
import type { Guards, Server } from './console.ts'
import { reasonOf } from './page/fields.ts'
import { addressOf, listPage } from './page/onboarding/list.ts'
import { onePage, within } from './page/onboarding/one.ts'
import { blockPage, sheetPage } from './page/onboarding/sheet-pages.ts'
import {
  type FormRoute,
  type KnownVisit,
  type PageParts,
  type PageRoute,
  type Params,
  servePages,
} from './page/shell/pages.ts'

/** What the pages of onboarding are made from. */
export interface OnboardingParts extends PageParts {
  readonly views: OnboardingViews
  readonly commands: OnboardingCommands
  readonly doors: () => readonly DoorNote[]
  /** The block of region.yaml for an establishment. */
  readonly block: (sheet: OnboardingSheet) => string
}

const BASE = '/raccordements'
const ONE = `${BASE}/:establishment/:flow`

/** Who is on the way to exchange, how far, and what is left to do. */
export function onboardingPlugin(
  parts: OnboardingParts,
): (server: Server, doorway: { readonly guards: Guards }) => void {
  const { views, doors } = parts
  const sandbox = (): readonly string[] => [
    ...doors()
      .filter(({ name }) => name === 'sandbox')
      .map(({ host, port }) => `${host}:${port}`),
    'POST /sandbox/hl7',
  ]
  const page = (path: string, show: PageRoute['show']): PageRoute => ({ path, permission: 'onboarding:read', show })
  const pages = [
    page(BASE, (visit) => listPage(visit, views)),
    page(ONE, (visit, params) => onePage(visit, { views, sandbox }, params)),
    page(`${ONE}/fiche`, (visit, params) => sheetPage(visit, parts, params)),
    page(`${ONE}/bloc`, (visit, params) => blockPage(visit, parts, params)),
  ]
  return (server, { guards }) => servePages(server, guards, parts, { pages, forms: formsOf(parts) })
}

/** The onboarding that an address names, if the person may do this to it. */
function keyOf(visit: KnownVisit, permission: Permission, { establishment = '', flow = '' }: Params): OnboardingKey {
  within(visit, permission, establishment)
  return { establishment, flow }
}

function formsOf({ commands }: OnboardingParts): readonly FormRoute[] {
  const acting = (
    path: string,
    permission: Permission,
    act: 'sign' | 'withdraw' | 'suspend' | 'resume',
  ): FormRoute => ({
    path: `${ONE}/${path}`,
    permission,
    async act(visit, fields, params) {
      const key = keyOf(visit, permission, params)
      return leading(
        key,
        await commands[act](key, reasonOf(fields), visit.caller.who),
        act === 'sign' ? 'go-live' : null,
      )
    },
  })
  return [
    {
      path: BASE,
      permission: 'onboarding:change',
      async act(visit, fields) {
        const establishment = fields.get('establishment') || fields.get('id') || ''
        const key = keyOf(visit, 'onboarding:change', { establishment, flow: fields.get('flow') ?? '' })
        return leading(key, await commands.open(key, fields.get('name') ?? '', visit.caller.who), null)
      },
    },
    {
      path: `${ONE}/etapes/:step`,
      permission: 'onboarding:change',
      async act(visit, fields, params) {
        const key = keyOf(visit, 'onboarding:change', params)
        const { step = '' } = params
        return leading(key, await stepAct(commands, key, step, fields, visit.caller.who), step)
      },
    },
    acting('signer', 'onboarding:sign', 'sign'),
    acting('retirer', 'onboarding:sign', 'withdraw'),
    acting('suspendre', 'onboarding:change', 'suspend'),
    acting('reprendre', 'onboarding:change', 'resume'),
  ]
}

function stepAct(commands: OnboardingCommands, key: OnboardingKey, step: string, fields: URLSearchParams, who: string) {
  switch (fields.get('act')) {
    case 'save':
      return commands.save(key, step, entryOf(fields), false, who)
    case 'finish':
      return commands.save(key, step, entryOf(fields), true, who)
    case 'test':
      return commands.test(key, step, entryOf(fields), who)
    case 'reopen':
      return commands.reopen(key, step, who)
    default:
      throw new GatewayError('BAD_REQUEST')
  }
}

const LONGEST = 2_000
const LONGEST_VALUE = 20_000

/** What a form says of a step. @throws {GatewayError} BAD_REQUEST */
function entryOf(fields: URLSearchParams): StepEntry {
  const text = (name: string, longest: number): string => {
    const value = (fields.get(name) ?? '').replaceAll('\r\n', '\n').trim()
    if (value.length > longest) throw new GatewayError('BAD_REQUEST')
    return value
  }
  const on = text('on', 10)
  if (on !== '' && !/^\d{4}-\d{2}-\d{2}$/.test(on)) throw new GatewayError('BAD_REQUEST')
  const names = [...fields.keys()].filter((name) => name.startsWith('value.'))
  return {
    owner: text('owner', 200),
    on,
    note: text('note', LONGEST),
    values: Object.fromEntries(names.map((name) => [name.slice('value.'.length), text(name, LONGEST_VALUE)])),
  }
}

/** Back to the onboarding: to the step, with the word for why an act was not done. */
function leading(key: OnboardingKey, done: Done, step: string | null): { readonly to: string } {
  const at = step === null ? '' : `#${encodeURIComponent(step)}`
  if (done === null) return { to: `${addressOf(key)}${at}` }
  const place = step === null ? '' : `&etape=${encodeURIComponent(step)}`
  return { to: `${addressOf(key)}?refus=${done}${place}${at}` }
}
