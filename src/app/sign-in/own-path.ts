/**
 * A path of our own to go on to after sign-in, or `/`: never another site, whatever way of writing one a browser would
 * take for it (`//host`, `/\host`, control characters), and never sign-in itself. Pure. */
export function ownPath(text: string | null | undefined): string {
  if (!text || text.length > 2_000 || !/^\/[\x21-\x5b\x5d-\x7e]*$/.test(text) || text.startsWith('//')) return '/'
  const base = 'http://door.invalid'
  if (!URL.canParse(text, base)) return '/'
  const { origin, pathname, search } = new URL(text, base)
  if (origin !== base || pathname.startsWith('//')) return '/'
  return /^\/(connexion|deconnexion|lancer|api)(\/|$)/.test(pathname) ? '/' : pathname + search
}
