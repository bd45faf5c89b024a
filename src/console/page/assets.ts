import type { Guards, Server } from '../console.ts'

/** A style or a script of ours, read once. */
export interface Asset {
  readonly name: string
  readonly text: string
}

/** Serves styles and scripts of an area under `/assets/`; they show nothing of anybody. */
export function serveAssets(server: Server, guards: Guards, assets: readonly Asset[]): void {
  for (const { name, text } of assets) {
    const type = name.endsWith('.css') ? 'text/css' : 'text/javascript'
    server.get(`/assets/${name}`, { onRequest: guards.open }, async (_request, reply) =>
      reply.header('content-type', `${type}; charset=utf-8`).header('cache-control', 'public, max-age=300').send(text),
    )
  }
}
