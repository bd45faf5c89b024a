/** Scope of the mail in mailboxes: whose they are, by national identifier, and nobody else. */
import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { MAY, ROLES, type Role } from '../../src/core/roles.ts'
import { writeMail } from '../../src/formats/mail/compose.ts'
import { writeXdm } from '../../src/formats/xdm/write.ts'
import { archive, entry } from '../support/archives.ts'
import { cda } from '../support/documents.ts'
import { mailbox } from './scope-mail.ts'
import { hiddenFrom, shownTo } from './scope-persons.ts'
import type { Row } from './scope-rows.ts'
import { type Ask, markOf, otherOf, type Scene, type Side, type Told } from './scope-world.ts'

/** Roles that read mail. */
export const READERS: readonly Role[] = ROLES.filter((role) => MAY[role]['mailbox:use'] !== undefined)
/** National identifier of somebody, given by a structure. */
export const identifierOf = (role: Role, side: string): string =>
  `3530000371/${role.toUpperCase()}-${side.toUpperCase()}`

const nameOf = (side: Side): string => `1790000000.${side}.other`
const itemOf = (side: Side): string =>
  createHash('sha256')
    .update(`INBOX/${nameOf(side)}`)
    .digest('hex')
    .slice(0, 32)

/** Puts the one mail of a side into its mailbox, and delegates that to its readers. */
export async function putMail(dir: string, side: Side, as: (ask: Ask) => Promise<unknown>): Promise<void> {
  const [local, domain] = mailbox(side).split('@') as [string, string]
  const folder = join(dir, 'store', 'mailboxes', domain, local, 'new')
  mkdirSync(folder, { recursive: true })
  const mark = markOf(side)
  const pdf = Buffer.from(`%PDF-1.4 ${mark}`).toString('base64')
  const body = `<nonXMLBody><text mediaType="application/pdf" representation="B64">${pdf}</text></nonXMLBody>`
  const zip = writeXdm(
    archive({ documents: [{ entry: entry(), bytes: Buffer.from(`${cda({ body })}<!--${mark}-->`) }] }),
  )
  const address = { local, domain }
  const mail = writeMail({
    from: { name: mark, address },
    to: [{ name: '', address }],
    subject: mark,
    text: mark,
    date: { atMs: 0, timeZone: 'Europe/Paris' },
    messageId: `<${mark}@x.test>`,
    attachments: [
      { name: `${mark}.txt`, type: 'text/plain', bytes: Buffer.from(mark) },
      { name: 'IHE_XDM.ZIP', type: 'application/zip', bytes: await zip },
    ],
  })
  writeFileSync(join(folder, nameOf(side)), mail)
  for (const role of READERS) {
    const person = identifierOf(role, side)
    await as({ path: `/api/mail/mailboxes/${mailbox(side)}/delegate`, json: { person, reason: mark } })
  }
}

/** Without what a page announces above, which is its visitor's. */
async function seen(asked: Promise<Told>): Promise<Told> {
  const told = await asked
  return { ...told, text: told.text.replace(/^.*<main/s, '') }
}

/** One's own is there, and the other side's is not. `status`: of an answer that names nobody. */
const one = (ask: (side: Side) => Ask, status?: number): Row => ({
  kind: 'told',
  check: async ({ call }: Scene, who) => {
    const faults: string[] = []
    for (const side of ['a', 'b'] as const) {
      const other = ask(otherOf(side))
      const told = await seen(call(who, side, other))
      faults.push(...hiddenFrom(who, side, { ...told, text: told.text.replaceAll(other.path, '') }))
      const own = await seen(call(who, side, ask(side)))
      if (status === undefined) faults.push(...shownTo(who, side, own))
      else if (own.status !== status) faults.push(`${side} got ${own.status} for its own: ${own.text.slice(0, 200)}`)
    }
    return faults
  },
})
const list = (path: string): Row => ({
  kind: 'told',
  check: async ({ call }, who) => {
    const sides = await Promise.all(
      (['a', 'b'] as const).map(async (side) => [side, await seen(call(who, side, { path }))] as const),
    )
    return sides.flatMap(([side, told]) => shownTo(who, side, told))
  },
})
const box = (side: Side, rest = ''): string => `/messagerie/courrier/${mailbox(side)}${rest}`
const item = (side: Side, rest = ''): string => box(side, `/${itemOf(side)}${rest}`)
const api = (side: Side, rest: string): string => `/api/mail/boxes/${mailbox(side)}${rest}`
const page = (path: (side: Side) => string): Row => one((side) => ({ path: path(side) }))
const form = (rest: string, fields: Readonly<Record<string, string>>, status: number): Row =>
  one((side) => ({ path: item(side, rest), form: fields }), status)
const ITEM = '/messagerie/courrier/:address/:item'
const API = '/api/mail/boxes/:address'

/** Rows of the mail in mailboxes. */
export const WEBMAIL_ROWS: Readonly<Record<string, Row>> = {
  'GET /messagerie/courrier': list('/messagerie/courrier'),
  'GET /messagerie/courrier/:address': page((side) => box(side)),
  'GET /messagerie/courrier/:address/nouveau': page((side) => box(side, '/nouveau')),
  [`GET ${ITEM}`]: page((side) => item(side)),
  [`GET ${ITEM}/repondre`]: page((side) => item(side, '/repondre')),
  [`GET ${ITEM}/transferer`]: page((side) => item(side, '/transferer')),
  [`GET ${ITEM}/original`]: page((side) => item(side, '/original')),
  [`GET ${ITEM}/piece/:piece`]: page((side) => item(side, '/piece/2')),
  [`GET ${ITEM}/piece/:piece/document/:document`]: page((side) => item(side, '/piece/3/document/0')),
  [`GET ${ITEM}/piece/:piece/document/:document/pdf`]: page((side) => item(side, '/piece/3/document/0/pdf')),
  'POST /messagerie/courrier/:address/recherche': one((side) => ({
    path: box(side, '/recherche'),
    form: { q: 'only', textes: 'yes' },
  })),
  'POST /messagerie/courrier/:address/envoyer': one((side) => ({ path: box(side, '/envoyer'), form: { to: '' } })),
  [`POST ${ITEM}/marquer`]: form('/marquer', { lu: 'non' }, 303),
  [`POST ${ITEM}/deplacer`]: form('/deplacer', { vers: 'INBOX' }, 303),
  [`POST ${ITEM}/supprimer`]: form('/supprimer', {}, 303),
  [`POST ${ITEM}/accuse`]: form('/accuse', {}, 409),
  'GET /api/mail/boxes': list('/api/mail/boxes'),
  [`POST ${API}/search`]: one((side) => ({ path: api(side, '/search'), json: {} })),
  [`GET ${API}/items/:id`]: page((side) => api(side, `/items/${itemOf(side)}`)),
  [`GET ${API}/items/:id/parts/:n`]: page((side) => api(side, `/items/${itemOf(side)}/parts/2`)),
  [`POST ${API}/send`]: one((side) => ({ path: api(side, '/send'), json: { to: [], subject: '', text: '' } }), 422),
  [`POST ${API}/items/:id/flags`]: one(
    (side) => ({ path: api(side, `/items/${itemOf(side)}/flags`), json: { seen: true } }),
    200,
  ),
}
