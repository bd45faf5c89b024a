/** Scope of secure mail: mailboxes are an establishment's, the white list is the same for all who may see it. */
import { hiddenFrom, shownTo } from './scope-persons.ts'
import type { Row } from './scope-rows.ts'
import { type Ask, markOf, otherOf, type Side } from './scope-world.ts'

/** Domain of a side, and its one mailbox. */
export const mailDomain = (side: Side): string => `${markOf(side)}.mssante.test`
export const mailbox = (side: Side): string => `boite@${mailDomain(side)}`

/** One's own is there, and the other side's is not. */
const one = (ask: (side: Side) => Ask): Row => ({
  kind: 'told',
  check: async ({ call }, who) => {
    const faults: string[] = []
    for (const side of ['a', 'b'] as const) {
      const other = ask(otherOf(side))
      const told = await call(who, side, other)
      // A page that says that it is not there is asked for in another language at the address that was typed.
      faults.push(...hiddenFrom(who, side, { ...told, text: told.text.replaceAll(other.path, '') }))
      faults.push(...shownTo(who, side, await call(who, side, ask(side))))
    }
    return faults
  },
})
const list = (path: string): Row => ({ kind: 'list', ask: () => ({ path }) })

/** It names nobody: both are told the same. */
const same = (path: string, more: Omit<Ask, 'path'> = {}): Row => ({
  kind: 'told',
  check: async ({ call }, who) => {
    const [a, b] = [await call(who, 'a', { path, ...more }), await call(who, 'b', { path, ...more })]
    return [
      ...(a.status === 200 && b.status === 200 ? [] : [`got ${a.status} and ${b.status}`]),
      // What a page announces above is its visitor's.
      ...(/only-[ab]/.test(a.text.replace(/^.*<main/s, '')) ? ['names a side'] : []),
    ]
  },
})

/** Rows of secure mail. */
export const MAIL_ROWS: Readonly<Record<string, Row>> = {
  'GET /api/mail/whitelist': same('/api/mail/whitelist'),
  'GET /api/mail/whitelist/changes': same('/api/mail/whitelist/changes'),
  'GET /api/mail/whitelist/domains/:domain': same('/api/mail/whitelist/domains/c.mssante.test'),
  // The directory is the same for all: what differs is the red list (directory.test.ts).
  'GET /api/mail/directory': same('/api/mail/directory?q=nobody'),
  'GET /api/mail/directory/state': same('/api/mail/directory/state'),
  'POST /api/mail/directory/complete': same('/api/mail/directory/complete', { json: { words: 'nobody' } }),
  'GET /messagerie/annuaire': same('/messagerie/annuaire?q=nobody'),
  'GET /api/mail/mailboxes': list('/api/mail/mailboxes'),
  'GET /api/mail/mailboxes.csv': list('/api/mail/mailboxes.csv'),
  'GET /api/mail/indicators': list('/api/mail/indicators'),
  'GET /api/mail/indicators.csv': list('/api/mail/indicators.csv'),
  'GET /messagerie': list('/messagerie'),
  'GET /messagerie/indicateurs': list('/messagerie/indicateurs'),
  'GET /messagerie/indicateurs.csv': list('/messagerie/indicateurs.csv'),
  'GET /messagerie/boites.csv': list('/messagerie/boites.csv'),
  'GET /messagerie/boites/:address': one((side) => ({ path: `/messagerie/boites/${mailbox(side)}` })),
  'GET /messagerie/liste-blanche': same('/messagerie/liste-blanche?domaine=c.mssante.test'),
  'GET /api/mail/mailboxes/:address': one((side) => ({ path: `/api/mail/mailboxes/${mailbox(side)}` })),
}
