import type { MatrixRow, Share } from '../../../core/conformity-views.ts'
import { type Html, html } from '../html.ts'
import { corners, type Department, frameOf, middle, project } from '../overview/map.ts'
import { WORDS } from '../overview/words.ts'
import type { KnownVisit } from '../shell/pages.ts'
import { PICTURE_WORDS } from './picture-words.ts'
import { percentOf } from './said.ts'
import { shareIn } from './territories.ts'

/**
 * The region's departments, each with its share met as a number and a filling, and establishments whose place is declared.
 * Null: region.yaml names no department, or rows are of one alone. Pure. */
export function regionMap(
  rows: readonly MatrixRow[],
  departments: readonly Department[],
  { config, language }: KnownVisit,
): Html | null {
  const shown = departments.filter(({ id }) => (config.region.departments ?? []).includes(id))
  const frame = frameOf(shown.flatMap(({ path }) => corners(path)))
  const byDepartment = Map.groupBy(rows, ({ department }) => department ?? '')
  if (frame === null || byDepartment.size < 2) return null
  const words = PICTURE_WORDS[language]
  const drawn = shown.map(({ id, name, path }) => {
    const share = shareIn(byDepartment.get(id) ?? [])
    const [x, y] = middle(corners(path))
    const text = percentOf(share, language)
    return {
      land: html`<path class="share-${levelOf(share)}" d="${path}"><title>${words.ofDepartment(`${name} (${id})`, text)}</title></path>`,
      label: html`<text x="${round(x)}" y="${round(y)}">${text}</text>`,
    }
  })
  const points = rows.flatMap((row) => pointOf(row, config.establishments.get(row.id)?.at, language))
  return html`<h2 id="map-title">${words.map}</h2><figure class="region"><svg class="map shares" viewBox="${frame.join(' ')}" role="img" aria-labelledby="map-title map-about"><desc id="map-about">${words.mapTells}</desc>
${drawn.map(({ land }) => land)}
${points}
${drawn.map(({ label }) => label)}
</svg><figcaption class="quiet">${words.mapTells}${points.length === 0 ? null : html`<br>${words.points}`}<br>${WORDS[language].mapSource}</figcaption></figure>`
}

function pointOf(
  { name, cells }: MatrixRow,
  at: readonly [longitude: number, latitude: number] | undefined,
  language: KnownVisit['language'],
): Html[] {
  if (at === undefined) return []
  const [x, y] = project(at)
  const asked = cells.filter(({ verdict }) => verdict !== 'not-applicable')
  const whole = asked.length > 0 && asked.every(({ verdict }) => verdict === 'met')
  const share = percentOf(shareIn([{ cells }]), language)
  return [
    html`<circle class="site${whole ? ' whole' : ''}" cx="${round(x)}" cy="${round(y)}" r="1.3"><title>${name} · ${share}</title></circle>`,
  ]
}

/** Filling by quarters; `none` where nothing is asked. */
function levelOf({ met, of }: Share): string {
  return of === 0 ? 'none' : String(Math.min(3, Math.floor((4 * met) / of)))
}

function round(n: number): number {
  return Math.round(n * 100) / 100
}
