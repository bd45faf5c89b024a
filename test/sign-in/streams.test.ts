import { get, type IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { until } from '../support/world/until.ts'
import { type Browser, type SignInWorld, startSignIn } from './world.ts'

/** A page that looks on live: what the browser of a person asks for by itself. */
function lookOn({ url }: SignInWorld, cookie: string): Promise<IncomingMessage> {
  const headers = { cookie: `session=${cookie}`, accept: 'text/event-stream', 'sec-fetch-mode': 'cors' }
  return new Promise((resolve, reject) => {
    get(`${url}/live/overview`, { headers, agent: false }, (response) => resolve(response.resume())).on('error', reject)
  })
}

test.each<[name: string, act: (world: SignInWorld, own: Browser) => Promise<unknown>]>([
  ['the session is ended', (_world, own) => own.send('/deconnexion')],
  ['the session is over by the clock', async (world) => world.pass(31 * 60_000)],
  ['the sign-in of the region is another', async (world) => world.change({ demo: false, people: [] })],
])('a live stream ends when %s', async (_name, act) => {
  const world = await startSignIn({ demo: true }, { limits: { knownMs: 20 } })
  const own = world.browser()
  await own.send('/connexion/demo', { role: 'operator' })
  const stream = await lookOn(world, own.cookies.get('session')!)
  expect(stream.statusCode).toBe(200)
  expect(world.live.viewers).toBe(1)
  const ended = new Promise((resolve) => stream.once('close', resolve))
  await act(world, own)
  await ended
  await until('nobody looks on', async () => world.live.viewers === 0)
})
