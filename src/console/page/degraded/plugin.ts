import { readFileSync } from 'node:fs'
import type { Config } from '../../../core/config.ts'
import type { Guards, Server } from '../../console.ts'
import { serveAssets } from '../shell/assets.ts'
import { servePages } from '../shell/pages.ts'
import { type DegradedParts, degradedPages } from './pages.ts'

/** The pages of the degraded mode, for an HTTP door, with the worker that keeps them in browsers. */
export function degradedPlugin(
  parts: DegradedParts & { readonly config: () => Config; readonly version: string; readonly demo: boolean },
): (server: Server, doorway: { readonly guards: Guards }) => void {
  const worker = readFileSync(new URL('./degrade-sw.js', import.meta.url), 'utf8')
  return (server, { guards }) => {
    serveAssets(server, guards, import.meta.url, ['./degraded.css', './degraded.js'])
    // A worker serves what stands beside it or below: it cannot be among the assets.
    server.get('/degrade-sw.js', { onRequest: guards.open, schema: { hide: true } }, async (_request, reply) =>
      reply.header('content-type', 'text/javascript; charset=utf-8').header('cache-control', 'no-cache').send(worker),
    )
    servePages(server, guards, parts, { pages: degradedPages(parts) })
  }
}
