/** Regular expressions of rule files: people write them, and they run on what strangers send. */

const LONGEST_PATTERN = 300
/** A value longer than this has no form that a pattern could describe (characters). */
const LONGEST_VALUE = 4096

/**
 * A test of whole values. What could take for ever is not let in: a repeated group that holds a repetition, and looking
 * around or back. @throws {RangeError} with a sentence */
export function compilePattern(text: string): (value: string) => boolean {
  if (text.length > LONGEST_PATTERN) throw new RangeError(`the pattern is longer than ${LONGEST_PATTERN} characters`)
  if (/\\[1-9k]|\(\?<?[=!]/.test(text)) throw new RangeError('the pattern looks around or refers back')
  if (nests(text)) throw new RangeError('the pattern repeats a group that holds a repetition or an alternative')
  let pattern: RegExp
  try {
    pattern = new RegExp(`^(?:${text})$`, 'u')
  } catch {
    throw new RangeError('the pattern is no regular expression')
  }
  return (value) => value.length <= LONGEST_VALUE && pattern.test(value)
}

/** Is a group without an upper bound repeated that itself repeats or branches? */
function nests(text: string): boolean {
  const groups: boolean[] = []
  let inClass = false
  for (let i = 0; i < text.length; i++) {
    const char = text[i]
    if (char === '\\') i++
    else if (inClass) inClass = char !== ']'
    else if (char === '[') inClass = true
    else if (char === '(') groups.push(false)
    else if (char === ')') {
      const repeats = groups.pop() ?? false
      if (repeats && /^([*+]|\{\d+,\})/.test(text.slice(i + 1))) return true
      if (repeats && groups.length > 0) groups[groups.length - 1] = true
    } else if ((char === '*' || char === '+' || char === '{' || char === '|') && groups.length > 0) {
      groups[groups.length - 1] = true
    }
  }
  return false
}
