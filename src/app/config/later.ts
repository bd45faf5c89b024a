import { error, type Fault } from './problem.ts'

const LATER_DESTINATIONS = ['smtp']

type Unknown = Record<string, unknown>
const isObject = (value: unknown): value is Unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * Finds the settings whose names are known and which no part of this release honours, and takes them out of `value` so
 * that nothing else is said about them. Silence would let a site believe that a mail door is at work. */
export function takeOutLater(value: unknown): Fault[] {
  if (!isObject(value)) return []
  const faults: Fault[] = []
  const takeOut = (holder: unknown, key: string, path: Fault['path']) => {
    if (!isObject(holder) || !(key in holder)) return
    delete holder[key]
    const what = [...path, key].filter((part) => typeof part === 'string').join('.')
    faults.push({ ...error([...path, key], 'NOT_IN_RELEASE', `${what} is not in this release`), onKey: true })
  }
  takeOut(value['region'], 'secret', ['region'])
  for (const [i, establishment] of list(value['establishments'])) {
    if (!isObject(establishment)) continue
    const destinations = establishment['destinations']
    if (!isObject(destinations)) continue
    for (const [name, destination] of Object.entries(destinations)) {
      if (!isObject(destination) || !LATER_DESTINATIONS.includes(String(destination['type']))) continue
      const path = ['establishments', i, 'destinations', name, 'type']
      faults.push(error(path, 'NOT_IN_RELEASE', `destinations of type ${destination['type']} are not in this release`))
      // A stand-in, so that routes to it are not called routes to nowhere.
      destinations[name] = { type: 'mllp', host: 'later', port: 1 }
    }
  }
  return faults
}

function list(value: unknown): IterableIterator<[number, unknown]> | [] {
  return Array.isArray(value) ? value.entries() : []
}
