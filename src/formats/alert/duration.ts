import type { Language } from '../http/language.ts'

const STEPS: readonly [ms: number, fr: string, en: string][] = [
  [86_400_000, 'j', 'd'],
  [3_600_000, 'h', 'h'],
  [60_000, 'min', 'min'],
  [1_000, 's', 's'],
]

/** A duration (ms) as people say it, in its two largest units: `2 j 4 h`, `35 min`. Pure. */
export function durationText(ms: number, language: Language): string {
  const at = STEPS.findIndex(([step]) => ms >= step)
  if (at === -1) return `${Math.max(0, Math.round(ms))} ms`
  const word = (i: number): string => STEPS[i]![language === 'fr' ? 1 : 2]
  const [step] = STEPS[at]!
  const next = STEPS[at + 1]
  const rest = next === undefined ? 0 : Math.floor((ms % step) / next[0])
  const first = `${Math.floor(ms / step)} ${word(at)}`
  return rest === 0 || step <= 60_000 ? first : `${first} ${rest} ${word(at + 1)}`
}
