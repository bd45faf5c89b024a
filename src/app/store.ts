/** Folders of files that lie beside the database in the embedded store's folder, where region.yaml names no others. */
export const MAILBOXES = 'mailboxes'
/** Folder of the images that came by the door, there too. */
export const IMAGES = 'images'

/** Where a store is: a folder of the embedded one, or a database. */
export type StoreAddress =
  | { readonly kind: 'file'; readonly dir: string }
  | { readonly kind: 'postgres'; readonly url: string }

/** Reads `file:DIR`, `postgres://…` or `postgresql://…`; null when it is none of them. Pure. */
export function storeAddress(text: string): StoreAddress | null {
  if (text.startsWith('file:') && text !== 'file:') return { kind: 'file', dir: text.slice('file:'.length) }
  if (/^postgres(ql)?:\/\//.test(text) && URL.canParse(text)) return { kind: 'postgres', url: text }
  return null
}

/** The address as it may be shown: without a password. Pure. */
export function shownAddress(store: StoreAddress): string {
  if (store.kind === 'file') return `file:${store.dir}`
  const url = new URL(store.url)
  url.password = ''
  url.searchParams.delete('password')
  return url.href
}
