import type { Board, BoardFlow, BoardQueue, BoardRow } from './board.ts'
import { type Standing, worst } from './mark.ts'

/** Rows of each table of the overview. A region has a thousand establishments, and a page is read by people. */
export const MOST_ROWS = 40

/** What needs somebody stands first; what is well, or silent as ever, keeps the order of the configuration. */
const RANK: Readonly<Record<Standing, number>> = { alarm: 0, watch: 1, paused: 2, sound: 3, idle: 3 }

/** How an establishment is, by the worst of what it sends and takes. */
export function rowStanding({ sends, takes }: BoardRow): Standing {
  const some = [sends, ...takes.map(({ standing }) => standing)].filter((one) => one !== 'idle')
  return worst(some)
}

/** What the overview shows of a board: all of a small region, the worst rows of a large one. Pure. */
export function shownOf(board: Board): Board {
  return {
    ...board,
    rows: cut(board.rows, rowStanding),
    queues: cut<BoardQueue>(board.queues, ({ standing }) => standing),
    flows: cut<BoardFlow>(board.flows, ({ standing }) => standing),
  }
}

function cut<T>(all: readonly T[], standing: (one: T) => Standing): readonly T[] {
  if (all.length <= MOST_ROWS) return all
  return all.toSorted((a, b) => RANK[standing(a)] - RANK[standing(b)]).slice(0, MOST_ROWS)
}

/** Which rows a board has, for whoever must know that they are others than before. Pure. */
export function rowsOf({ rows, queues, flows }: Board): string {
  return JSON.stringify([
    rows.map(({ establishment: { id } }) => id),
    queues.map(({ status: { id } }) => id),
    flows.map(({ route: { name } }) => name),
  ])
}
