/** Scope of conformity: an establishment sees itself, an editor its own product there. */
import type { Row } from './scope-rows.ts'
import { type Ask, hl7, markOf, otherOf, type Side, type Told, type Who } from './scope-world.ts'

const SIDES = ['a', 'b'] as const

/** What is told of the other side, or of another product. Texts of frameworks may speak of laboratories. */
function foreign(who: Who, side: Side, { text }: Told): string[] {
  const told = (what: RegExp): string[] => (what.test(text) ? [`${side} sees ${what}`] : [])
  const name = new RegExp(`${markOf(otherOf(side))}|ch-${otherOf(side)}`, 'i')
  return [...told(name), ...(who === 'editor' ? told(/\bLABO\b/) : [])]
}

/** A list names nobody else; where no framework is in force, there is none. */
const list = (path: string): Row => ({
  kind: 'told',
  check: async ({ call }, who) => {
    const faults: string[] = []
    for (const side of SIDES) {
      const told = await call(who, side, { path })
      faults.push(...(told.status === 200 || told.status === 404 ? [] : [`${side} got ${told.status}`]))
      faults.push(...foreign(who, side, told))
    }
    return faults
  },
})

/** One's own is there; of the other side's nothing is told, not even that it is there. */
const one = (ask: (side: Side) => Ask, shows: boolean): Row => ({
  kind: 'told',
  check: async ({ call }, who) => {
    const faults: string[] = []
    for (const side of SIDES) {
      const other = ask(otherOf(side))
      const told = await call(who, side, other)
      faults.push(...(told.status === 404 ? [] : [`${side} got ${told.status} for the other side`]))
      // The address that was typed stands in the page that says that it is not there.
      faults.push(...foreign(who, side, { ...told, text: told.text.replaceAll(other.path, '') }))
      const own = await call(who, side, ask(side))
      if (shows && !(own.status === 200 && own.text.toLowerCase().includes(markOf(side)))) {
        faults.push(`${side} got ${own.status} for its own`)
      }
      faults.push(...foreign(who, side, own))
    }
    return faults
  },
})

const API = '/api/conformity'

/** A message is tried out for an establishment of one's own; another one is not there. */
const tried = (ask: (side: Side) => Ask): Row => ({
  kind: 'told',
  check: async ({ call }, who) => {
    const faults: string[] = []
    for (const side of SIDES) {
      const other = await call(who, side, ask(otherOf(side)))
      faults.push(...(other.status === 404 ? [] : [`${side} got ${other.status} for the other side`]))
      const own = await call(who, side, ask(side))
      faults.push(...(own.status === 200 ? [] : [`${side} got ${own.status} for its own: ${own.text.slice(0, 200)}`]))
      faults.push(...foreign(who, side, own))
    }
    return faults
  },
})

/** Rows of these routes. */
export const CONFORMITY_ROWS: Readonly<Record<string, Row>> = {
  'GET /conformite': list('/conformite'),
  'GET /conformite/produits': list('/conformite/produits'),
  'GET /conformite/evolutions': list('/conformite/evolutions'),
  'GET /conformite/etablissements/:id': one((side) => ({ path: `/conformite/etablissements/ch-${side}` }), true),
  'GET /conformite/essai': list('/conformite/essai'),
  'POST /conformite/essai': tried((side) => ({
    path: '/conformite/essai',
    form: { establishment: `ch-${side}`, message: 'no message' },
  })),
  [`POST ${API}/check`]: tried((side) =>
    hl7(`${API}/check?establishment=ch-${side}`, side.toUpperCase(), 'DPI', `tried-out-${side}`),
  ),
  [`GET ${API}/frameworks`]: list(`${API}/frameworks`),
  [`GET ${API}/frameworks.csv`]: list(`${API}/frameworks.csv`),
  [`GET ${API}/matrix`]: list(`${API}/matrix`),
  [`GET ${API}/matrix.csv`]: list(`${API}/matrix.csv`),
  [`GET ${API}/changes`]: list(`${API}/changes`),
  [`GET ${API}/changes.csv`]: list(`${API}/changes.csv`),
  [`GET ${API}/products`]: list(`${API}/products`),
  [`GET ${API}/products.csv`]: list(`${API}/products.csv`),
  [`GET ${API}/establishments/:id`]: one((side) => ({ path: `${API}/establishments/ch-${side}` }), false),
  [`GET ${API}/establishments/:id/requirements.csv`]: one(
    (side) => ({ path: `${API}/establishments/ch-${side}/requirements.csv` }),
    false,
  ),
  [`GET ${API}/establishments/:id/statement`]: one(
    (side) => ({ path: `${API}/establishments/ch-${side}/statement` }),
    false,
  ),
  ...Object.fromEntries(
    ['test-report', 'measure-report'].flatMap((form) => [
      [`GET ${API}/${form}s`, list(`${API}/${form}s`)],
      [
        `GET ${API}/establishments/:id/${form}`,
        one((side) => ({ path: `${API}/establishments/ch-${side}/${form}` }), false),
      ],
    ]),
  ),
  [`GET ${API}/key`]: list(`${API}/key`),
}
