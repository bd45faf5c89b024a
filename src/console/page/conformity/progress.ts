import type { Progress } from '../../../core/conformity-views.ts'
import type { Language } from '../../../formats/http/language.ts'
import { type Html, html } from '../html.ts'
import { numberOf } from '../moment.ts'

/** Figures of a progress, written for people. */
interface Figures {
  readonly done: string
  readonly needed: string
  /** Null: no number would do. */
  readonly more: string | null
  /** Percent. */
  readonly share: string
}

type Sentence = (figures: Figures) => string

const WORDS: Readonly<
  Record<Language, { readonly name: string; readonly of: Readonly<Record<Progress['of'], Sentence>> }>
> = {
  fr: {
    name: 'Progression',
    of: {
      least: ({ done, needed, more }) =>
        `messages comptés, ${done} sur ${needed} nécessaires pour juger ; encore ${more}.`,
      flow: ({ done, needed, more }) => `messages émis, ${done} sur ${needed} demandés ; encore ${more}.`,
      right: ({ done, needed, more, share }) =>
        more === null
          ? `messages corrects, ${done} sur ${needed} ; tous doivent l'être, et les autres comptent jusqu'à la fin de la période.`
          : `messages corrects, ${done} sur ${needed}, pour ${share} % demandés ; encore ${more} d'affilée.`,
      wrong: ({ done, needed }) =>
        `messages portant l'anomalie, ${done} sur ${needed} ; ils comptent jusqu'à la fin de la période, aucun ne doit s'y ajouter.`,
      parts: ({ done, needed, more }) => `${done} sur ${needed} ; encore ${more}.`,
    },
  },
  en: {
    name: 'Progress',
    of: {
      least: ({ done, needed, more }) => `messages counted, ${done} of ${needed} needed to judge; ${more} more.`,
      flow: ({ done, needed, more }) => `messages sent, ${done} of ${needed} asked for; ${more} more.`,
      right: ({ done, needed, more, share }) =>
        more === null
          ? `right messages, ${done} of ${needed}; all are to be, and the others count until the period has passed.`
          : `right messages, ${done} of ${needed}, for ${share} % asked; ${more} more in a row.`,
      wrong: ({ done, needed }) =>
        `messages that have it, ${done} of ${needed}; they count until the period has passed, and no other may come.`,
      parts: ({ done, needed, more }) => `${done} of ${needed}; ${more} more.`,
    },
  },
}

/** How far it is, in words. Pure. */
export function progressText({ of, done, needed, more, share }: Progress, language: Language): string {
  const written = (n: number): string => numberOf(n, language)
  return WORDS[language].of[of]({
    done: written(done),
    needed: written(needed),
    more: more === null ? null : written(more),
    share: written(Math.round((share ?? 0) * 10_000) / 100),
  })
}

/** The same with a bar, whose text says what it shows. `id`: of the requirement's place. */
export function progressBar(progress: Progress, id: string, language: Language): Html {
  const { of, done, needed } = progress
  // Of what is wrong, the bar grows as it gets less.
  const value = of === 'wrong' ? needed - done : Math.min(done, needed)
  return html`<p class="progress"><progress value="${value}" max="${needed}" aria-labelledby="${id}-progress"></progress> <span id="${id}-progress">${WORDS[language].name} : ${progressText(progress, language)}</span></p>`
}
