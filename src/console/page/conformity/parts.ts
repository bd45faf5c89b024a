import { may } from '../../../core/caller.ts'
import type { Permission } from '../../../core/roles.ts'
import type { Html } from '../html.ts'
import type { KnownVisit } from '../shell/pages.ts'
import { tabBar } from '../tabs.ts'
import { CONFORMITY_ACT_WORDS } from './acts-words.ts'
import { CHECK_WORDS } from './check-words.ts'
import { CONFORMITY_WORDS } from './words.ts'

/** Where the pages of conformity begin. */
export const BASE = '/conformite'

/** The parts of conformity, where each begins, and who sees it. */
const PARTS = [
  ['matrix', BASE, 'conformity:read'],
  ['products', `${BASE}/produits`, 'conformity:read'],
  ['changes', `${BASE}/evolutions`, 'conformity:read'],
  ['check', `${BASE}/essai`, 'conformity:read'],
  ['programmes', `${BASE}/programmes`, 'programmes:read'],
  ['evidence', `${BASE}/preuves`, 'conformity:file'],
  ['frameworks', `${BASE}/referentiels`, 'conformity:publish'],
  ['overrides', `${BASE}/verdicts`, 'conformity:publish'],
] as const satisfies readonly (readonly [part: string, path: string, permission: Permission])[]
/** One of them. */
export type ConformityPart = (typeof PARTS)[number][0]

/** The ways to the parts that this person sees. `here` null: none of them. `asked`: what the views keep of what is looked at. */
export function partsBar({ caller, language }: KnownVisit, here: ConformityPart | null, asked = ''): Html {
  const check = CHECK_WORDS[language].tab
  const names = { ...CONFORMITY_WORDS[language].tabs, ...CONFORMITY_ACT_WORDS[language].tabs, check }
  const parts = PARTS.filter(([, , permission]) => may(caller, permission)).map(([part, path, permission]) => ({
    path: permission === 'conformity:read' ? `${path}${asked}` : path,
    name: names[part],
    isHere: part === here,
  }))
  return tabBar(CONFORMITY_WORDS[language].parts, parts)
}
