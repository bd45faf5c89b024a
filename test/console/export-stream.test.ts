import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'vitest'
import { startDesk } from './desk.ts'

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
