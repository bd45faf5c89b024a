import type { Language } from '../../formats/http/language.ts'

/** What stands between a name and its value: French has a space before the colon, at which no line breaks. Pure. */
export function colon(language: Language): string {
  return language === 'fr' ? '\u00a0: ' : ': '
}
