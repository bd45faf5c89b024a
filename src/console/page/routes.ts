import type { Guards, Server } from '../console.ts'
import { serveAssets } from './shell/assets.ts'

/** The assets of every page. */
export function pageRoutes(server: Server, guards: Guards): void {
  const files = ['console.css', 'forms.css', 'console.js', 'keys.js', 'drafts.js', 'markup.js', 'icon.svg']
  serveAssets(
    server,
    guards,
    import.meta.url,
    files.map((name) => `./shell/${name}`),
  )
}
