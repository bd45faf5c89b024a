/** Extensions (extensibility.html): known ones by their definition; unknown ones may stand, but not where they modify. */
import { type JsonObject, text } from '../json-value.ts'
import { Place, type Run } from './run.ts'
import { R4, unversioned } from './structure.ts'

const ABSOLUTE = /^[A-Za-z][A-Za-z0-9+.-]*:/

/** Checks an extension that no profile has named where it stands. */
export function checkExtension(run: Run, value: JsonObject, place: Place): void {
  const url = text(value['url'])
  const isModifier = place.name === 'modifierExtension'
  // Inside a complex extension the url is a name of its own; its definition says which there are.
  if (url === null || (place.up?.name === 'extension' && !ABSOLUTE.test(url))) return
  if (!ABSOLUTE.test(url)) {
    run.tell('value', new Place(place, 'url', -1, place.scope), { profile: `${R4}Extension` })
    return
  }
  const plan = run.definitions.plan(unversioned(url))
  if (plan?.type === 'Extension') plan.check(run, value, place)
  else if (isModifier) run.tell('extension', place, { profile: `${R4}Extension` })
}
