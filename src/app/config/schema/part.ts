import type { Piece } from './piece.ts'

type Fields = Readonly<Record<string, unknown>>

/**
 * As much of a schema as looks at these values: a setting that none of them has keeps its name and its default, and nothing of what it
 * would have been held against. The same faults are found with it, and the same defaults filled in. Pure. */
export function partFor(piece: Piece, values: readonly unknown[]): Piece {
  const { properties, additionalProperties: others, items } = piece
  const objects = values.filter(isFields)
  const own = properties ?? {}
  const named = Object.entries(own).map(([key, of]): [string, Piece] => [key, settingFor(of, key, objects)])
  const rest = objects.flatMap((one) => Object.keys(one).flatMap((key) => (Object.hasOwn(own, key) ? [] : [one[key]])))
  return {
    ...piece,
    ...(properties === undefined ? {} : { properties: Object.fromEntries(named) }),
    ...(typeof others === 'object' ? { additionalProperties: partOrNone(others, rest) } : {}),
    ...(items === undefined ? {} : { items: partOrNone(items, values.filter(Array.isArray).flat()) }),
  }
}

function settingFor(piece: Piece, key: string, objects: readonly Fields[]): Piece {
  const there = objects.filter((one) => Object.hasOwn(one, key)).map((one) => one[key])
  if (piece.default === undefined) return partOrNone(piece, there)
  const isMissing = there.length < objects.length
  return there.length === 0 && !isFields(piece.default)
    ? { default: piece.default }
    : partFor(piece, isMissing ? [...there, piece.default] : there)
}

function partOrNone(piece: Piece, values: readonly unknown[]): Piece {
  return values.length === 0 ? {} : partFor(piece, values)
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
