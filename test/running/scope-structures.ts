/** Scope of the register of establishments: it is the same for all who may read it; here it is empty, and what is one's own to change is in structures.test.ts. */
import type { Row } from './scope-rows.ts'
import type { Ask, Told } from './scope-world.ts'

const FINESS = '539900019'
const REASON = { reason: 'incident 12' }

/** Both sides are answered alike, and told of nobody. */
const alike = (ask: Ask, status: number): Row => ({
  kind: 'told',
  check: async ({ call }, who) => {
    const both: Told[] = [await call(who, 'a', ask), await call(who, 'b', ask)]
    return both.flatMap((told) => [
      ...(told.status === status ? [] : [`got ${told.status}: ${told.text.slice(0, 200)}`]),
      ...(/only-[ab]/.test(told.text.replace(/^.*<main/s, '')) ? ['names a side'] : []),
    ])
  },
})
const read = (path: string): Row => alike({ path }, 200)
const none = (path: string, more: Omit<Ask, 'path'> = {}): Row => alike({ path, ...more }, 404)
const [api, page] = [`/api/structures/${FINESS}`, `/etablissements/${FINESS}`]
const contact = { role: 'it', name: 'DSI', phone: '0199001234' }

/** Rows of the register. */
export const STRUCTURE_ROWS: Readonly<Record<string, Row>> = {
  'GET /api/structures': read('/api/structures'),
  'GET /api/structures.csv': read('/api/structures.csv'),
  'GET /api/structures/state': read('/api/structures/state'),
  'GET /api/structures/counts': read('/api/structures/counts'),
  'GET /api/structures/:finess': none(api),
  // The national file is everybody's: whose reach is their own does not import it.
  'POST /api/structures/import': alike(
    {
      path: '/api/structures/import?name=x.csv',
      method: 'POST',
      text: 'x',
      headers: { 'content-type': 'application/octet-stream' },
    },
    403,
  ),
  'POST /api/structures/facts': {
    kind: 'told',
    check: async ({ call }, who) => {
      const csv = `finess;ght\n${FINESS};A\n`
      const told = await call(who, 'a', { path: '/api/structures/facts', json: { ...REASON, csv } })
      return told.status === 200 && told.text.includes('STRUCTURE_UNKNOWN') ? [] : [`got ${told.status}: ${told.text}`]
    },
  },
  'POST /api/structures/:finess/belonging': none(`${api}/belonging`, { json: { ...REASON, ght: 'A' } }),
  'POST /api/structures/:finess/contacts': none(`${api}/contacts`, { json: { ...REASON, ...contact } }),
  'POST /api/structures/:finess/software': none(`${api}/software`, { json: { ...REASON, product: 'DPI' } }),
  'POST /api/structures/:finess/contacts/:id/remove': none(`${api}/contacts/x/remove`, { json: REASON }),
  'POST /api/structures/:finess/software/:id/remove': none(`${api}/software/x/remove`, { json: REASON }),
  'GET /etablissements': read('/etablissements'),
  'GET /etablissements/import': read('/etablissements/import'),
  'GET /etablissements/:finess': none(page),
  'POST /etablissements/import': alike({ path: '/etablissements/import', form: { act: 'try', reason: 'x' } }, 200),
  'POST /etablissements/:finess/rattachement': none(`${page}/rattachement`, { form: { ...REASON, ght: 'A' } }),
  'POST /etablissements/:finess/contacts': none(`${page}/contacts`, { form: { ...REASON, ...contact } }),
  'POST /etablissements/:finess/logiciels': none(`${page}/logiciels`, { form: { ...REASON, product: 'DPI' } }),
  'POST /etablissements/:finess/contacts/:id/retirer': none(`${page}/contacts/x/retirer`, { form: REASON }),
  'POST /etablissements/:finess/logiciels/:id/retirer': none(`${page}/logiciels/x/retirer`, { form: REASON }),
}
