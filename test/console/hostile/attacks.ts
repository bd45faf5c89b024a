/** Texts that attack whoever takes them for more than text. */

/** Marks each element that an attack would make. */
export const MARK = 'data-hostile'

/** Texts that set `hit` in the page, or leave an element with the mark, wherever they are taken for more than text. */
export const ATTACKS = [
  `</title></textarea></script><script ${MARK}>hit=1</script>`,
  `"><img ${MARK} src=x onerror=hit=1>`,
  `' onfocus='hit=1' autofocus ${MARK}='`,
  `<svg ${MARK} onload=hit=1><a href=javascript:hit=1>x</a></svg>`,
  'javascript:hit=1//',
  `\${hit=1}{{constructor.constructor("hit=1")()}}<%=hit=1%>`,
  'abc\u202edef\u2066ghi\u200bjkl',
  'W'.repeat(90),
] as const

/** One of them, by number; `longest` characters of it. */
export function attack(n: number, longest = 100): string {
  return (ATTACKS[n % ATTACKS.length] as string).slice(0, longest)
}
