import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { LAB_SIGNER } from '../../src/app/white-list/lab.ts'
import { passerelle } from '../cli/terminal.ts'
import { sha256 } from '../console/region.ts'
import { makeLab, manyRows, signedList } from '../support/lab-list.ts'
import { mailOf } from '../support/mail-operator.ts'
import { until } from '../support/world/until.ts'
import { makeWorld, type World } from './gateway.ts'

const RPPS = '10001234565'
const OTHER = '10001234573'
/** Words of the spine that nobody is shown in French. */
const FORBIDDEN = /gateway|mailbox|parked|queued|replay|resend|finding|lane\b|unknown|expired|bounce|undefined|null/i

interface Mail {
  readonly world: World
  readonly list: (count: number, atMs?: number) => void
  page(path: string, form?: Readonly<Record<string, string>> | FormData, role?: string): Promise<Shown>
}
interface Shown {
  readonly status: number
  readonly text: string
  readonly seen: string
  readonly to: string | null
}

/** A gateway that is a mail operator, with a white list of a file. */
async function mailWorld(): Promise<Mail> {
  const lab = await makeLab()
  onTestFinished(lab.remove)
  const world = makeWorld()
  const file = join(world.dir, 'list.xml')
  const list: Mail['list'] = (count, atMs = Date.now() - 3_600_000) =>
    writeFileSync(file, signedList(lab, manyRows(count), atMs))
  list(40)
  const signer = { issuer: LAB_SIGNER.issuer, commonName: LAB_SIGNER.commonName, email: LAB_SIGNER.email }
  const person = (role: string, more: object = {}) => ({ name: role, role, keySha256: sha256(`k-${role}`), ...more })
  const establishment = (id: string, eg: string[]) => ({
    ...{ id, name: `${id} (fictif)`, kind: 'hospital', finess: { eg }, senders: { facilities: [id] } },
  })
  world.write(
    {},
    {
      establishments: [establishment('ch-a', ['530000017']), establishment('ch-b', [])],
      routes: [],
      operators: [
        { name: 'ada', role: 'admin', keySha256: sha256('demo-admin') },
        person('admin'),
        person('operator'),
        person('establishment-it', { establishments: ['ch-b'] }),
      ],
      mail: mailOf(
        world.dir,
        { 'a.mssante.test': 'ch-a', 'b.mssante.test': 'ch-b' },
        { whiteList: { file, ca: join(lab.dir, 'ca.pem'), signer, every: '24 h' } },
      ),
    },
  )
  await world.start()
  await until('the list is in use', async () => (await world.call('/api/mail/whitelist')).json['state'] === 'fresh')
  return {
    world,
    list,
    async page(path, form, role = 'admin') {
      const response = await fetch(world.url() + path, {
        method: form === undefined ? 'GET' : 'POST',
        redirect: 'manual',
        headers: { authorization: `Bearer k-${role}`, 'accept-language': 'fr' },
        ...(form === undefined ? {} : { body: form instanceof FormData ? form : new URLSearchParams(form) }),
      })
      const text = await response.text()
      const body = text.replace(/^.*?<main/s, '<main').replace(/<footer.*$/s, '')
      const seen = body
        .replace(/<[^>]*>/g, ' ')
        .replaceAll('&#39;', "'")
        .replace(/\s+/g, ' ')
      return { status: response.status, text: body, seen, to: response.headers.get('location') }
    },
  }
}

test('the pages of mailboxes and the command line: search, create, change, delegate, close, a file', async () => {
  const { world, page } = await mailWorld()
  const anne = 'anne.martin@a.mssante.test'
  const box = `/messagerie/boites/${encodeURIComponent(anne)}`
  const words: string[] = []
  const see = async (...ask: Parameters<Mail['page']>): Promise<Shown> => {
    const shown = await page(...ask)
    // Codes of the table are for whoever looks them up.
    if (shown.status < 400) words.push(...(FORBIDDEN.exec(shown.seen.replaceAll(/[A-Z]+(_[A-Z]+)+/g, '')) ?? []))
    return shown
  }

  expect((await see('/messagerie')).seen).toContain('Aucune BAL.')
  const form = await see('/messagerie/nouvelle?kind=ORG')
  expect([/name="owner"/.test(form.text), /name="responsible"/.test(form.text), /530000017/.test(form.text)]).toEqual([
    ...[false, true, true],
  ])
  // What was typed stays, with every problem beside its field.
  const typed = {
    kind: 'PER',
    local: 'Anne Martin',
    domain: 'a.mssante.test',
    owner: '12',
    name: '<b>',
    reason: 'dem. 1',
  }
  const refused = await see('/messagerie/nouvelle', typed)
  expect(refused.text.match(/href="#in-(local|owner|name)"/g)?.length).toBe(3)
  expect([refused.text.includes('value="12"'), refused.text.includes('<b>')]).toEqual([true, false])
  const good = { ...typed, local: 'anne.martin', owner: RPPS, name: 'Dr_Anne_MARTIN_CH', quota: '512' }
  expect((await see('/messagerie/nouvelle', { ...good, reason: '' })).seen).toContain('Dites pourquoi')
  expect((await see('/messagerie/nouvelle', good)).to).toBe(box)
  expect((await see(box)).seen).toMatch(/BAL personnelle .* Dr_Anne_MARTIN_CH .* 810001234565 Quota \(Mio\) 512/)

  const same = { name: 'Dr_Anne_MARTIN_CH', quota: '', redList: 'yes', reason: 'dem. 2' }
  expect((await see(`${box}/modifier`, { ...same, name: 'Anne' })).seen).toContain('Titre_Prénom_NOM_Entité')
  expect((await see(`${box}/modifier`, same)).to).toBe(box)
  expect((await see(`${box}/deleguer`, { person: '1', reason: 'dem. 3' })).status).toBe(200)
  expect((await see(`${box}/deleguer`, { person: OTHER, reason: 'dem. 3' })).to).toBe(box)
  const shown = (await see(box)).seen
  expect(shown).toMatch(/Liste rouge Oui .* Sans limite/)
  expect(shown).toContain(`Retirer la délégation de 8${OTHER}`)
  expect((await see(`${box}/retirer`, { person: `8${OTHER}`, reason: 'dem. 4' })).to).toBe(box)
  const odd = await see(`${box}/deleguer`, { person: '10001234570', reason: 'dem. 5' })
  expect(odd.seen).toContain('à vérifier')
  expect((await see(`${box}/suspendre`, { reason: 'dem. 6' })).to).toBe(box)
  expect((await see(`${box}/suspendre`, { reason: 'dem. 6' })).status).toBe(409)
  expect((await see('/messagerie?state=suspended&q=MARTIN')).text).toContain(anne)
  expect((await see('/messagerie?state=active')).seen).toContain('Aucune BAL ne répond')
  expect((await see(`${box}/clore`, { reason: 'dem. 7' })).seen).toContain('Cochez la case')
  expect((await see(`${box}/clore`, { reason: 'dem. 7', sure: 'yes' })).to).toBe(box)
  expect((await see(box)).text).not.toContain('<form')

  const file = (csv: string, act: string): FormData => {
    const data = new FormData()
    data.set('file', new Blob([csv], { type: 'text/csv' }), 'bal.csv')
    data.set('act', act)
    data.set('reason', 'dem. 8')
    return data
  }
  const csv = 'address;kind;name\nurgences@b.mssante.test;ORG;Urgences\nbloc@a.mssante.test;ORG;Bloc\n'
  expect((await see('/messagerie/import', file(`${csv}x;ORG;X`, 'do'))).seen).toContain('4 address')
  expect((await see('/messagerie/import', file(csv, 'try'))).seen).toContain('2 BAL seraient créées')
  expect((await see('/messagerie/import', file(csv, 'do'))).seen).toContain('2 BAL créées')
  expect((await see('/messagerie/import', file('', 'do'))).seen).toContain('CSV')
  expect((await page('/messagerie/boites.csv?domain=b.mssante.test')).text).toMatch(/^\ufeff?address;.*\r\nurgences@/s)

  // Bound to an establishment, somebody sees its mailboxes and does nothing.
  const own = await see('/messagerie', undefined, 'establishment-it')
  expect([own.text.includes('urgences@b'), own.text.includes('bloc@a'), own.text.includes('nouvelle')]).toEqual([
    ...[true, false, false],
  ])
  expect((await see(box, undefined, 'establishment-it')).status).toBe(404)
  expect((await see('/messagerie/nouvelle', undefined, 'operator')).status).toBe(403)
  expect(words).toEqual([])

  const cli = (...argv: string[]) =>
    passerelle(['mailbox', ...argv, '--url', world.url()], { PASSERELLE_KEY: 'demo-admin', LANG: 'fr_FR.UTF-8' })
  const dpi = ['dpi@a.mssante.test', '--reason', 'dem. 9']
  const app = [...dpi, '--kind', 'app', '--name', 'DPI', '--certificate', 'CN=dpi.test', '--quota', '2 GiB']
  expect(await cli('create', ...app)).toMatchObject({ code: 0, out: expect.stringMatching(/quota +2147483648/) })
  expect(await cli('create', ...app)).toMatchObject({ code: 1, err: expect.stringContaining('MAILBOX_TAKEN') })
  expect(await cli('suspend', ...dpi)).toMatchObject({ code: 0, out: expect.stringMatching(/state +suspended/) })
  expect(await cli('suspend', ...dpi)).toMatchObject({ code: 1, err: expect.stringContaining('WRONG_STATE') })
  expect((await cli('resume', ...dpi)).code).toBe(0)
  const listed = await cli('list', '--establishment', 'ch-a', '--state', 'active', '--json')
  expect(
    listed.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).address),
  ).toEqual(['bloc@a.mssante.test', dpi[0]])
  expect((await cli('show', 'bloc@a.mssante.test')).out).toMatch(/name +Bloc/)
  const path = join(world.dir, 'bal.csv')
  writeFileSync(path, csv)
  expect(await cli('import', path, '--reason', 'x')).toMatchObject({
    code: 1,
    err: expect.stringContaining('ligne 2: '),
  })
  expect((await cli('close', ...dpi)).code).toBe(0)
  expect([(await cli('close', dpi[0]!)).code, (await cli('list', 'x')).code, (await cli('lose')).code]).toEqual([
    2, 2, 2,
  ])
})

test('the page of the white list: its state, a domain, a list that waits, what changed, an extension', async () => {
  const { list, page } = await mailWorld()
  const at = '/messagerie/liste-blanche'
  const first = await page(at)
  expect(first.seen).toMatch(/À jour .* Lignes 40 Domaines 40/)
  expect(first.seen).toContain('première liste')
  expect((await page(`${at}?domaine=Etablissement-3.exemple.mssante.test`)).seen).toMatch(
    /Le courrier passe .* CN=smtp0/,
  )
  expect((await page(`${at}?domaine=gmail.com`)).seen).toContain('MAIL_DOMAIN_UNLISTED')

  list(20, Date.now() - 60_000)
  expect((await page(`${at}/recuperer`, {})).to).toBe(at)
  const waits = await page(at)
  expect(waits.seen).toMatch(/20 lignes, 0 ajoutées, 20 retirées/)
  const [, sha256 = ''] = /name="sha256" value="([0-9a-f]{64})"/.exec(waits.text) ?? []
  expect((await page(`${at}/confirmer`, { sha256: '0', reason: 'annoncée' })).status).toBe(200)
  expect((await page(at, undefined, 'operator')).text).not.toContain('method="post"')
  expect((await page(`${at}/confirmer`, { sha256, reason: 'migration annoncée' })).to).toBe(at)
  expect((await page(at)).seen).toMatch(/Lignes 20 .* \+0 −20 20 couples retirés/)

  expect((await page(`${at}/prolonger`, { until: '2020-01-01T10:00', reason: 'panne' })).seen).toContain('passée')
  expect((await page(`${at}/prolonger`, { until: '', reason: '' })).seen).toContain('Dites pourquoi')
  const until = new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 16)
  expect((await page(`${at}/prolonger`, { until, reason: 'panne de la source' })).to).toBe(at)
  const extended = await page(at)
  expect(extended.seen).toMatch(/Prolongation Jusqu'au .*, par admin : panne de la source/)
  expect((await page(`${at}/recuperer`, {}, 'establishment-it')).status).toBe(403)
  expect(FORBIDDEN.exec(extended.seen)).toBeNull()
})
