import type { ConsoleParts, Guards, Server } from './console.ts'

/** `/healthz` (200 while alive), `/readyz` (503 and the reason while nothing new is taken), `/metrics`. */
export function healthRoutes(server: Server, { ready, metrics, version }: ConsoleParts, guards: Guards): void {
  server.get('/healthz', { onRequest: guards.open }, async () => ({ status: 'alive', version }))
  server.get('/readyz', { onRequest: guards.open }, async (_request, reply) => {
    const state = ready()
    if (state.ready) return { status: 'ready' }
    return reply
      .code(503)
      .header('retry-after', '5')
      .send({ status: 'not ready', why: state.why ?? null })
  })
  server.get('/metrics', { onRequest: guards.local }, async (_request, reply) =>
    reply.header('content-type', 'text/plain; version=0.0.4; charset=utf-8').send(await metrics()),
  )
}
