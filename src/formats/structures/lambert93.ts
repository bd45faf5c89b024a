/** Lambert-93 (EPSG:2154), the projection of places in mainland France. Pure. */

/** Semi-major axis (m) and first eccentricity of GRS80; RGF93 and WGS84 are the same within a metre. */
const A = 6_378_137
const FLATTENING = 1 / 298.257222101
const E = Math.sqrt(2 * FLATTENING - FLATTENING ** 2)
/** Its definition: standard parallels 44° and 49°, origin 46.5° N and 3° E at (700,000; 6,600,000) m. */
const [SOUTH, NORTH, ORIGIN, MERIDIAN] = [44, 49, 46.5, 3].map((degrees) => (degrees * Math.PI) / 180) as [
  number,
  number,
  number,
  number,
]
const [X0, Y0] = [700_000, 6_600_000]
/** Mainland France and Corsica lie within (m). */
const BOUNDS = { x: [0, 1_350_000], y: [6_000_000, 7_200_000] } as const
/** Rounds of the latitude's own equation; it stands to 1e-12 after five. */
const ROUNDS = 8

/** Isometric latitude. */
function isometric(latitude: number): number {
  const sine = E * Math.sin(latitude)
  return Math.log(Math.tan(Math.PI / 4 + latitude / 2)) - (E / 2) * Math.log((1 + sine) / (1 - sine))
}
/** Radius of the parallel over the axis. */
function parallel(latitude: number): number {
  return Math.cos(latitude) / Math.sqrt(1 - (E * Math.sin(latitude)) ** 2)
}

const CONE = Math.log(parallel(SOUTH) / parallel(NORTH)) / (isometric(NORTH) - isometric(SOUTH))
const SCALE = ((A * parallel(SOUTH)) / CONE) * Math.exp(CONE * isometric(SOUTH))
const POLE_Y = Y0 + SCALE * Math.exp(-CONE * isometric(ORIGIN))

/** Longitude and latitude (degrees, RGF93) of a place in metres; null: it is not in mainland France. */
export function fromLambert93(x: number, y: number): { readonly longitude: number; readonly latitude: number } | null {
  const within = (value: number, [least, most]: readonly [number, number]) => value >= least && value <= most
  if (!within(x, BOUNDS.x) || !within(y, BOUNDS.y)) return null
  const [east, south] = [x - X0, POLE_Y - y]
  const longitude = MERIDIAN + Math.atan(east / south) / CONE
  const reduced = Math.exp(-Math.log(Math.hypot(east, south) / SCALE) / CONE)
  let latitude = 2 * Math.atan(reduced) - Math.PI / 2
  for (let round = 0; round < ROUNDS; round += 1) {
    const sine = E * Math.sin(latitude)
    latitude = 2 * Math.atan(((1 + sine) / (1 - sine)) ** (E / 2) * reduced) - Math.PI / 2
  }
  return { longitude: degrees(longitude), latitude: degrees(latitude) }
}

/** A tenth of a metre is 1e-6 degrees. */
const degrees = (radians: number): number => Math.round(((radians * 180) / Math.PI) * 1e6) / 1e6
