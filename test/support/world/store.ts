let make: (() => Promise<string>) | null = null

/** From now on each world that names no store gets what this gives; null: a folder of its own, as at first. */
export function worldsOn(store: (() => Promise<string>) | null): void {
  make = store
}

/** The store of a world that names none; null: a folder of its own. */
export async function worldStore(): Promise<string | null> {
  return make === null ? null : make()
}
