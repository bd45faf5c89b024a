import type { Config, Establishment } from '../../../core/config.ts'
import { type Html, html } from '../html.ts'
import type { Board } from './board.ts'
import { type Standing, worst } from './mark.ts'

/** A department of the base map. */
export interface Department {
  readonly id: string
  readonly name: string
  readonly path: string
}

/** A place in the units of the base map. */
export type Point = readonly [x: number, y: number]

const DEGREE = Math.PI / 180

/**
 * Where a longitude and latitude (degrees, WGS 84) are on the base map: Mercator's projection, whose scale and origin were
 * fitted to the centres of 18 departments (0.4 units apart from them on the average; one unit is some 1.8 km). Pure. */
export function project([longitude, latitude]: readonly [number, number]): Point {
  const y = Math.log(Math.tan(Math.PI / 4 + (latitude * DEGREE) / 2))
  return [215.24 + 41.54 * longitude, 2469.2 - 2372.8 * y]
}

/** The corners of a path that is made of relative moves alone, as those of the base map are. Pure. */
export function corners(path: string): Point[] {
  const points: Point[] = []
  let [x, y, startX, startY] = [0, 0, 0, 0]
  let begins = false
  for (const [, verb, dx, dy] of path.matchAll(/([mz])|(-?[\d.]+),(-?[\d.]+)/g)) {
    if (verb === 'm') begins = true
    else if (verb === 'z') [x, y] = [startX, startY]
    else {
      x += Number(dx)
      y += Number(dy)
      if (begins) [startX, startY] = [x, y]
      begins = false
      points.push([x, y])
    }
  }
  return points
}

interface Placed {
  readonly establishment: Establishment
  readonly at: Point
}

/** The map: departments, flows as lines, establishments as points. Null: there is nothing to draw. */
export function mapOf(
  board: Board,
  { region }: Config,
  departments: readonly Department[],
  names: { readonly title: string; readonly about: string; readonly standing: (one: Standing) => string },
): Html | null {
  const shown = departments.filter(({ id }) => (region.departments ?? []).includes(id))
  const frame = frameOf(shown.flatMap(({ path }) => corners(path)))
  if (frame === null) return null
  const places = new Map(placed(board, shown).map((one) => [one.establishment.id, one]))
  const standings = new Map(
    board.rows.map(({ establishment, sends, takes }) => [
      establishment.id,
      worst([sends, ...takes.map(({ standing }) => standing)].filter((one) => one !== 'idle')),
    ]),
  )
  const [x, y, width, height] = frame
  return html`<svg class="map" viewBox="${x} ${y} ${width} ${height}" role="img" aria-labelledby="map-title map-about">
<title id="map-title">${names.title}</title><desc id="map-about">${names.about}</desc>
${shown.map(({ path }) => html`<path class="land" d="${path}"></path>`)}
${lines(board, places).map(
  ({ from, to, standing }) => html`<path class="line line-${standing}" d="${curve(from, to)}"></path>`,
)}
${[...places.values()].map(({ establishment: { id, name }, at }) => {
  const standing = standings.get(id) ?? 'idle'
  return html`<svg class="place mark-${standing}" x="${round(at[0] - 1.6)}" y="${round(at[1] - 1.6)}" width="3.2" height="3.2"><title>${name} · ${names.standing(standing)}</title><use href="#mark-${standing}"></use></svg>`
})}
</svg>`
}

const MARGIN = 3

/** What of the base map is shown, so that all these points are on it: left, top, width, height. Null: there is none. Pure. */
export function frameOf(points: readonly Point[]): readonly [number, number, number, number] | null {
  if (points.length === 0) return null
  const xs = points.map(([x]) => x)
  const ys = points.map(([, y]) => y)
  const [left, top] = [Math.min(...xs) - MARGIN, Math.min(...ys) - MARGIN]
  return [left, top, Math.max(...xs) + MARGIN - left, Math.max(...ys) + MARGIN - top].map(round) as unknown as [
    number,
    number,
    number,
    number,
  ]
}

/** Where each is: as declared, else about the middle of its department, one beside the other. */
function placed({ rows }: Board, departments: readonly Department[]): Placed[] {
  const middles = new Map(departments.map(({ id, path }) => [id, middle(corners(path))]))
  const crowds = new Map<string, number>()
  return rows.flatMap(({ establishment }): Placed[] => {
    if (establishment.at !== undefined) return [{ establishment, at: project(establishment.at) }]
    const number = establishment.finess.ej ?? establishment.finess.eg[0] ?? ''
    const department = number.slice(0, 2)
    const centre = middles.get(department)
    if (centre === undefined) return []
    const n = crowds.get(department) ?? 0
    crowds.set(department, n + 1)
    // A sunflower's seeds: as many as there are, none on another.
    const [angle, far] = [n * 2.4, 2.6 * Math.sqrt(n)]
    return [{ establishment, at: [centre[0] + far * Math.cos(angle), centre[1] + far * Math.sin(angle)] }]
  })
}

/** About the middle of a department. Pure. */
export function middle(points: readonly Point[]): Point {
  const sum = points.reduce<Point>(([x, y], [dx, dy]) => [x + dx, y + dy], [0, 0])
  return [sum[0] / points.length, sum[1] / points.length]
}

interface Line {
  readonly from: Point
  readonly to: Point
  readonly standing: Standing
}

/** One line for each pair of places, as bad as the worst flow between them. */
function lines({ flows }: Board, places: ReadonlyMap<string, Placed>): Line[] {
  const found = new Map<string, Line>()
  for (const { from, to, standing } of flows) {
    for (const sender of from ?? []) {
      for (const destination of to) {
        const taker = destination.split('/', 1)[0] ?? ''
        const [a, b] = [places.get(sender), places.get(taker)]
        if (a === undefined || b === undefined || a === b) continue
        const key = `${sender} ${taker}`
        const before = found.get(key)?.standing
        const how = before === undefined ? standing : worst([before, standing])
        found.set(key, { from: a.at, to: b.at, standing: how })
      }
    }
  }
  return [...found.values()]
}

/** Bent to its right, so that there and back are two lines. */
function curve([x1, y1]: Point, [x2, y2]: Point): string {
  const [cx, cy] = [(x1 + x2) / 2 + (y1 - y2) * 0.12, (y1 + y2) / 2 + (x2 - x1) * 0.12]
  return `M${round(x1)} ${round(y1)}Q${round(cx)} ${round(cy)} ${round(x2)} ${round(y2)}`
}

function round(n: number): number {
  return Math.round(n * 100) / 100
}
