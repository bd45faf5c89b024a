import type { Compared } from '../../core/images.ts'

/** Name of a patient as words, without case, accents, hyphens and apostrophes. */
export interface NameWords {
  readonly family: readonly string[]
  readonly given: readonly string[]
}

/** The words of a DICOM person name (PS3.5 §6.2.1.2): its first group, family and given name. */
export function dicomName(written: string): NameWords {
  const [group = ''] = written.split('=')
  const [family = '', given = '', middle = ''] = group.split('^')
  return { family: words(family), given: [...words(given), ...words(middle)] }
}

/**
 * Compares the name of an image with that of a case. The family name is the same word for word; of given names one side
 * may tell fewer, the first ones. What is written without a caret is family and given name in either order. */
export function compareNames(image: NameWords, known: NameWords): Compared {
  if (image.family.length === 0 || known.family.length === 0) return 'absent'
  const glued = image.family.join('')
  if (image.given.length === 0 && known.given.length > 0) {
    const whole = [known.family.join('') + known.given.join(''), known.given.join('') + known.family.join('')]
    if (whole.includes(glued)) return 'same'
  }
  if (glued !== known.family.join('')) return 'other'
  if (image.given.length === 0 || known.given.length === 0) return 'absent'
  return begins(image.given, known.given) || begins(known.given, image.given) ? 'same' : 'other'
}

/** Does the longer list begin with all words of the other, however either joins them? */
function begins(longer: readonly string[], other: readonly string[]): boolean {
  const wanted = other.join('')
  let so = ''
  for (const word of longer) {
    so += word
    if (so === wanted) return true
  }
  return false
}

/** The words of a text: `Lefèvre-Œuvrard` is LEFEVRE OEUVRARD. */
export function words(text: string): string[] {
  return text
    .replace(/[œŒ]/g, 'OE')
    .replace(/[æÆ]/g, 'AE')
    .replace(/ß/g, 'SS')
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toUpperCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
}

/** Compares (0010,0030) with an ISO date, whole or in part. */
export function compareBirthDates(image: string | null, known: string | null): Compared {
  const read = /^(\d{4})\.?(\d{2})\.?(\d{2})$/.exec(image ?? '')
  if (read === null || known === null || !/^\d{4}(-\d{2}(-\d{2})?)?$/.test(known)) return 'absent'
  return `${read[1]}-${read[2]}-${read[3]}`.startsWith(known) ? 'same' : 'other'
}
