import { expect, test } from 'vitest'
import { sha256 } from '../console/region.ts'
import { mailOf } from '../support/mail-operator.ts'
import { makeWorld, type World } from './gateway.ts'

const RPPS = '10001234565'
const OTHER = '10001234573'
const REASON = { reason: 'demande 12' }

/** A gateway that is the mail operator of a domain of each of two establishments. */
async function operatorWorld(): Promise<World> {
  const world = makeWorld()
  const person = (role: string, more: object = {}) => ({ name: role, role, keySha256: sha256(`k-${role}`), ...more })
  const establishment = (id: string, eg: string[]) => ({
    ...{ id, name: `${id} (fictif)`, kind: 'hospital', finess: { eg } },
    senders: { facilities: [id] },
  })
  world.write(
    {},
    {
      establishments: [establishment('ch-a', ['530000017']), establishment('ch-b', [])],
      routes: [],
      operators: [
        { name: 'ada', role: 'admin', keySha256: sha256('demo-admin') },
        person('operator'),
        person('support'),
        person('establishment-it', { establishments: ['ch-b'] }),
      ],
      mail: mailOf(world.dir, { 'a.mssante.test': 'ch-a', 'b.mssante.test': 'ch-b' }),
    },
  )
  await world.start()
  return world
}

async function asked(world: World, role: string, path: string, body?: object) {
  const response = await fetch(world.url() + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer k-${role}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: response.status, text: await response.text(), type: response.headers.get('content-type') }
}

test('mailboxes over the API: made, found, changed, delegated, closed, in and out as a file', async () => {
  const world = await operatorWorld()
  const at = '/api/mail/mailboxes'
  const create = (body: object) => world.call(at, { ...REASON, ...body })
  const anne = 'anne.martin@a.mssante.test'
  const person = { address: anne, kind: 'PER', name: 'Dr_Anne_MARTIN_CH', owner: RPPS, entity: '530000017' }

  const wrong = await create({ ...person, address: 'anne@c.mssante.test', owner: null, name: 'Anne' })
  expect([wrong.status, wrong.json['code'], wrong.json['problems']]).toEqual([
    422,
    'MAILBOX_DOMAIN',
    [
      { field: 'address', code: 'MAILBOX_DOMAIN' },
      { field: 'owner', code: 'MAILBOX_OWNER' },
      { field: 'name', code: 'MAILBOX_NAME' },
    ],
  ])
  const made = await create(person)
  expect([made.status, made.json]).toMatchObject([
    200,
    {
      mailbox: { address: anne, state: 'active', owner: `8${RPPS}`, establishment: 'ch-a', closedAt: null },
      warnings: [],
    },
  ])
  expect((await create(person)).json).toMatchObject({ status: 409, code: 'MAILBOX_TAKEN' })
  expect((await create({ address: 'urgences@b.mssante.test', kind: 'ORG', name: 'Urgences' })).status).toBe(200)
  // A reason and nothing unknown is asked for.
  expect((await world.call(at, person)).status).toBe(400)
  expect((await create({ ...person, state: 'closed' })).status).toBe(400)

  const act = (what: string, body: object = {}) => world.call(`${at}/${anne}/${what}`, { ...REASON, ...body })
  expect((await act('change', { redList: true, quota: 2 ** 30 })).json).toMatchObject({
    mailbox: { redList: true, quota: 2 ** 30 },
  })
  expect((await act('change', { owner: OTHER })).json).toMatchObject({ code: 'MAILBOX_FIELD' })
  expect((await act('delegate', { person: OTHER })).json).toMatchObject({ delegates: [{ person: `8${OTHER}` }] })
  expect((await act('suspend')).json).toMatchObject({ mailbox: { state: 'suspended' } })
  expect((await act('suspend')).status).toBe(409)
  expect((await act('resume')).json).toMatchObject({ mailbox: { state: 'active' } })
  expect((await world.call(`${at}/nobody@a.mssante.test`)).status).toBe(404)

  const csv = 'address;kind;name\nbloc@a.mssante.test;ORG;Bloc\nlabo@b.mssante.test;APP;Labo\n'
  expect((await world.call(`${at}/import`, { ...REASON, csv, dryRun: true })).json).toMatchObject({ created: 2 })
  expect((await world.call(`${at}/import`, { ...REASON, csv })).json).toMatchObject({ created: 2, problems: [] })
  expect((await world.call(`${at}/import`, { ...REASON, csv })).json).toMatchObject({
    created: 0,
    problems: [{ line: 2, field: 'address', code: 'MAILBOX_TAKEN' }, { line: 3 }],
  })
  const list = async (query: string, role?: string): Promise<string[]> => {
    const found =
      role === undefined
        ? (await world.call(`${at}?${query}`)).json
        : JSON.parse((await asked(world, role, `${at}?${query}`)).text)
    return (found as { mailboxes: { address: string }[] }).mailboxes.map(({ address }) => address)
  }
  const inB = ['labo@b.mssante.test', 'urgences@b.mssante.test']
  expect(await list('establishment=ch-b')).toEqual(inB)
  expect(await list('kind=PER&state=active&q=martin')).toEqual([anne])
  expect(await list(`limit=2&after=${anne}`)).toEqual(['bloc@a.mssante.test', inB[0]])
  const file = await asked(world, 'operator', `${at}.csv?domain=b.mssante.test`)
  expect([file.type, file.text.split('\r\n').length]).toEqual(['text/csv; charset=utf-8', 4])

  // Who is bound to an establishment sees its mailboxes; who only reads changes none.
  expect(await list('', 'establishment-it')).toEqual(inB)
  expect((await asked(world, 'establishment-it', `${at}/${anne}`)).status).toBe(404)
  expect((await asked(world, 'establishment-it', `${at}.csv`)).text).not.toContain('a.mssante.test')
  expect((await asked(world, 'operator', `${at}/${anne}/close`, REASON)).status).toBe(403)
  expect((await asked(world, 'support', at)).status).toBe(403)

  expect((await act('close')).json).toMatchObject({ mailbox: { state: 'closed' }, delegates: [] })
  expect((await act('resume')).json).toMatchObject({ code: 'MAILBOX_CLOSED' })
  expect((await create(person)).json).toMatchObject({ code: 'MAILBOX_TAKEN' })
  const { paths } = (await world.call('/openapi.json')).json as { paths: Record<string, object> }
  expect(Object.keys(paths).filter((path) => path.startsWith(at)).length).toBe(10)
})
