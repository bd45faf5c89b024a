import { readFileSync } from 'node:fs'
import type { Guards, Server } from '../../console.ts'

const TYPES: Readonly<Record<string, string>> = { css: 'text/css', js: 'text/javascript', svg: 'image/svg+xml' }

/**
 * Serves files of the console under `/assets/` by their own name: styles, scripts, pictures; open to all, for they hold no
 * data. `at`: the address of what names them, `import.meta.url`. @throws the error of a file that is not there */
export function serveAssets(server: Server, guards: Guards, at: string, files: readonly string[]): void {
  for (const file of files) {
    const text = readFileSync(new URL(file, at), 'utf8')
    const name = file.slice(file.lastIndexOf('/') + 1)
    const type = TYPES[name.slice(name.lastIndexOf('.') + 1)] ?? 'text/plain'
    server.get(`/assets/${name}`, { onRequest: guards.open, schema: { hide: true } }, async (_request, reply) =>
      reply.header('content-type', `${type}; charset=utf-8`).header('cache-control', 'public, max-age=300').send(text),
    )
  }
}
