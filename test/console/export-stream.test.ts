import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { searchKey } from '../../src/pipeline/keys.ts'
import { startDesk } from './desk.ts'
import { AUTHORITY, INS, intake } from './gateway.ts'

test('who goes before their export begins leaves no connection behind', async () => {
  const desk = await startDesk()
  const { hostname, port } = new URL(desk.url)
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true })
  socket.write(
    'GET /messages/export/0abc-9999 HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer demo-operator\r\n\r\n',
  )
  for (let text = ''; !text.includes('"over":false'); ) text += String((await once(socket, 'data'))[0])
  // It listens no more, and says nothing else than that.
  const closed = once(socket, 'close')
  socket.on('error', () => {}).on('end', () => socket.end())
  socket.end()
  await closed
})

test('an export of the messages of a patient is a search for them: whoever makes a report finds it', async () => {
  const desk = await startDesk()
  await desk.journal.commit([intake(desk.journal, 'M1')])
  // An INS says nothing of its authority: the one counts that has messages.
  const patient = [`1.2.3.4|${INS}`, `${AUTHORITY}|${INS}`]
  expect((await desk.form('/messages/export', { format: 'json', patient })).text).toContain('M1')
  const looks = await desk.journal.look<{ who: string; detail: string }>({
    sql: "SELECT who, detail FROM event WHERE what = 'search-patient'",
    parameters: [],
  })
  const key = searchKey(desk.journal.secret, AUTHORITY, INS)
  expect(looks).toEqual([{ who: 'demo-operator', detail: `${key} POST /messages/export` }])
})
