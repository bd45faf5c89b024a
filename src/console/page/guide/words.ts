import type { Language } from '../../../formats/http/language.ts'

/** One step: what one sees, and what the button or link says. */
interface StepWords {
  readonly title: string
  readonly text: string
  readonly go: string
}

/** Every word of the guide, in one language. */
export interface GuideWords {
  readonly title: string
  readonly lead: string
  readonly step: (n: number, of: number) => string
  readonly sent: (controlId: string) => string
  /** Instead of a link that the role does not open. */
  readonly closed: string
  readonly steps: readonly StepWords[]
}

const FR: GuideWords = {
  title: 'Découvrir la plateforme',
  lead: "Cinq étapes sur une région fictive : rien de ce que vous ferez ici n'atteint un système réel. Le rôle Administrateur ouvre les cinq.",
  step: (n, of) => `Étape ${n} sur ${of}`,
  sent: (controlId) => `Message ${controlId} accepté : il est enregistré, et suivi jusqu'à sa remise.`,
  closed: "Votre rôle n'ouvre pas cette page : connectez-vous comme Administrateur pour la voir.",
  steps: [
    {
      title: 'Envoyer un message',
      text: "Un hôpital annonce l'admission d'un patient fictif. La plateforme répond oui une fois le message écrit sur le disque, jamais avant.",
      go: "Envoyer l'admission",
    },
    {
      title: "Voir ce qu'il devient",
      text: 'Sa chronologie va du premier octet reçu à la dernière remise. « Remis » ne veut pas dire « vu » : ce sont deux mots.',
      go: 'Ouvrir les messages',
    },
    {
      title: 'Provoquer un refus',
      text: "Le logiciel d'un foyer fictif refuse un courrier. Rien n'est perdu : le message est mis de côté et attend une décision.",
      go: 'Envoyer le courrier refusé',
    },
    {
      title: 'Traiter ce qui attend',
      text: 'Réessayer, laisser passer les suivants ou clore : chaque geste demande un motif, gardé avec votre nom.',
      go: 'Ouvrir ce qui est à traiter',
    },
    {
      title: 'Retrouver chaque geste',
      text: "Tout accès et toute action sont dans l'audit, scellé et vérifiable hors ligne.",
      go: "Ouvrir l'audit",
    },
  ],
}

const EN: GuideWords = {
  title: 'Discover the platform',
  lead: 'Five steps in an invented region: nothing that you do here reaches a real system. The role Administrator opens all five.',
  step: (n, of) => `Step ${n} of ${of}`,
  sent: (controlId) => `Message ${controlId} accepted: it is on disk, and followed until it is delivered.`,
  closed: 'Your role does not open this page: sign in as Administrator to see it.',
  steps: [
    {
      title: 'Send a message',
      text: 'A hospital announces the admission of an invented patient. The platform says yes once the message is on disk, never before.',
      go: 'Send the admission',
    },
    {
      title: 'See what becomes of it',
      text: 'Its timeline goes from the first byte to the last delivery. “Delivered” is not “seen”: these are two words.',
      go: 'Open the messages',
    },
    {
      title: 'Cause a refusal',
      text: 'The software of an invented home refuses a letter. Nothing is lost: the message is set aside for a person to decide.',
      go: 'Send the refused letter',
    },
    {
      title: 'Treat what waits',
      text: 'Try again, let later ones pass, or close: each act asks for a reason, kept with your name.',
      go: 'Open what is to treat',
    },
    {
      title: 'Find each act again',
      text: 'Every access and every act is in the audit, sealed and verifiable offline.',
      go: 'Open the audit',
    },
  ],
}

/** The catalogue of each language. */
export const GUIDE_WORDS: Readonly<Record<Language, GuideWords>> = { fr: FR, en: EN }
