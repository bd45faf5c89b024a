/** Languages of screens and help sentences. */
export type Language = 'fr' | 'en'

function isLanguage(text: unknown): text is Language {
  return text === 'fr' || text === 'en'
}

/**
 * The language to answer in: the one asked for, else the best of `Accept-Language` (RFC 9110 §12.5.4), else the fallback.
 * Pure; anything malformed counts as absent. */
export function languageOf(header: string | undefined, asked: unknown, fallback: Language): Language {
  if (isLanguage(asked)) return asked
  let best: Language | null = null
  let bestQuality = 0
  for (const item of (header ?? '').slice(0, 256).split(',')) {
    const [range = '', ...parameters] = item.split(';').map((part) => part.trim())
    const language = range.toLowerCase().split('-')[0]
    const q = parameters.find((parameter) => parameter.toLowerCase().startsWith('q='))
    const quality = q === undefined ? 1 : Number(q.slice(2))
    if (isLanguage(language) && quality > bestQuality) {
      best = language
      bestQuality = quality
    }
  }
  return best ?? fallback
}
