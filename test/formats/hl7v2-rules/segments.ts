/** Changing one thing of a message given as lines with the usual delimiters: what mutations are made of. */
import { type Place, parsePlace } from '../../../src/formats/hl7v2/rules/place.ts'

/** Segments of a message, each without its end. */
export type Lines = readonly string[]

/** Indexes of the segments with a name. */
export function linesNamed(lines: Lines, segment: string): number[] {
  return [...lines.keys()].filter((i) => lines[i]!.startsWith(segment))
}

/** Without one line. */
export function without(lines: Lines, index: number): Lines {
  return lines.filter((_, i) => i !== index)
}

/** With a line put before another. */
export function inserted(lines: Lines, index: number, line: string): Lines {
  return [...lines.slice(0, index), line, ...lines.slice(index)]
}

/** Fields of a line; MSH counts its own separator, so that field n stands at index n. */
function fieldsOf(line: string): string[] {
  const fields = line.split('|')
  return line.startsWith('MSH') ? ['MSH', '|', ...fields.slice(1)] : fields
}

function lineOf(fields: readonly string[]): string {
  return fields[0] === 'MSH' ? ['MSH', ...fields.slice(2)].join('|') : fields.join('|')
}

/** What stands at a place of one line, as it stands there: the whole field, or the component of its first repetition. */
export function valueAt(lines: Lines, index: number, path: string): string {
  const { field, repetition, component, subcomponent } = parsePlace(path)
  const whole = fieldsOf(lines[index]!)[field ?? 0] ?? ''
  if (component === null && repetition === null) return whole
  const one = whole.split('~')[(repetition ?? 1) - 1] ?? ''
  if (component === null) return one
  const part = one.split('^')[component - 1] ?? ''
  return subcomponent === null ? part : (part.split('&')[subcomponent - 1] ?? '')
}

/** With a value put at a place of one line; the rest of the field stays. */
export function withValue(lines: Lines, index: number, path: string, value: string): Lines {
  const place = parsePlace(path)
  const fields = fieldsOf(lines[index]!)
  while (fields.length <= place.field!) fields.push('')
  fields[place.field!] = fieldWith(fields[place.field!]!, place, value)
  return lines.map((line, i) => (i === index ? lineOf(fields) : line))
}

function fieldWith(field: string, { repetition, component, subcomponent }: Place, value: string): string {
  if (component === null && repetition === null) return value
  const repetitions = field.split('~')
  const n = (repetition ?? 1) - 1
  while (repetitions.length <= n) repetitions.push('')
  if (component === null) repetitions[n] = value
  else {
    const components = repetitions[n]!.split('^')
    while (components.length < component) components.push('')
    if (subcomponent === null) components[component - 1] = value
    else {
      const parts = components[component - 1]!.split('&')
      while (parts.length < subcomponent) parts.push('')
      parts[subcomponent - 1] = value
      components[component - 1] = parts.join('&')
    }
    repetitions[n] = components.join('^')
  }
  return repetitions.join('~')
}
