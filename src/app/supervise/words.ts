import type { CliLanguage } from '../cli/command.ts'

/** What a supervisor says, in one language. */
export interface SupervisorWords {
  readonly ended: (pid: number, code: number, waitS: number) => string
  readonly underWay: string
  readonly goesOn: string
  readonly nextEnded: (code: number) => string
  readonly hangs: (pid: number, afterS: number) => string
  readonly deaf: (pid: number) => string
  readonly cannotListen: (at: string, code: string) => string
  readonly cannotPass: string
}

/** The catalogue of each language. */
export const SUPERVISOR_WORDS: Readonly<Record<CliLanguage, SupervisorWords>> = {
  en: {
    ended: (pid, code, waitS) => `gateway ${pid} ended with ${code}; the next one starts in ${waitS} s`,
    underWay: 'a hand-over or a stop is under way already',
    goesOn: 'no hand-over: the gateway goes on',
    nextEnded: (code) => `no hand-over: the new gateway ended with ${code}`,
    hangs: (pid, afterS) => `START_TIMEOUT: gateway ${pid} is not ready after ${afterS} s: it is ended`,
    deaf: (pid) => `gateway ${pid} does not stop: it is ended`,
    cannotListen: (at, code) => `cannot listen on ${at} (${code})`,
    cannotPass: 'this system cannot pass sockets on: use passerelle start',
  },
  fr: {
    ended: (pid, code, waitS) =>
      `la plateforme ${pid} s'est arrêtée (code ${code}) ; la suivante démarre dans ${waitS} s`,
    underWay: 'un relais ou un arrêt est déjà en cours',
    goesOn: 'pas de relais : la plateforme en marche continue',
    nextEnded: (code) => `pas de relais : la nouvelle plateforme s'est arrêtée (code ${code})`,
    hangs: (pid, afterS) =>
      `START_TIMEOUT : la plateforme ${pid} n'est pas prête après ${afterS} s : elle est interrompue`,
    deaf: (pid) => `la plateforme ${pid} ne s'arrête pas : elle est interrompue`,
    cannotListen: (at, code) => `impossible d'écouter sur ${at} (${code})`,
    cannotPass: 'ce système ne sait pas transmettre les sockets : utilisez passerelle start',
  },
}
