/** Values without what they say: for whoever may know how a message is made and nothing of its patient. Pure. */

/** Longest value that is shown where a field holds codes. */
const LONGEST = 64
/** What codes, names of systems and OIDs are written with; a longer run of digits may be a person's number. */
const CODE = /^[A-Za-z0-9.,:;_/^~&|\\#*+()=-]+$/
/** Names of software and of establishments are words. */
const WORDS = /^[A-Za-z0-9À-ÿ .,:;_/^~&|\\#*+()'=-]+$/
const LONG_NUMBER = /\d{10,}/

/** The sort of a value and its length: `9{15}` digits, `A{6}` letters, `X{40}` anything; `""` stays, as HL7 says delete. */
export function masked(value: string): string {
  if (value === '' || value === '""') return value
  const length = [...value].length
  if (/^\d+$/.test(value)) return `9{${length}}`
  if (/^\p{L}+$/u.test(value)) return `A{${length}}`
  return `X{${length}}`
}

/** A value of a field that holds codes (or `words`: names of software): as it is, unless it is not like one. */
export function codeOrMasked(value: string, words = false): string {
  const like = (words ? WORDS : CODE).test(value)
  return value.length <= LONGEST && like && !LONG_NUMBER.test(value) ? value : masked(value)
}
