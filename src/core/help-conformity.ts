/** What people are told to do about what conformity refuses, by code. */

/** In English. */
export const HELP_CONFORMITY_EN = {
  FRAMEWORK_INVALID: 'The framework has problems; each is listed with its line and column. Nothing was published.',
  FRAMEWORK_TAKEN:
    'This version of the framework was published in other words. A version never changes: give this text another one.',
  FRAMEWORK_WITHDRAWN: 'This version of the framework was withdrawn, and stays so. Publish another version.',
  EVIDENCE_REQUIREMENT:
    'No framework in force asks this establishment for evidence on that requirement. Read the requirements again.',
  EVIDENCE_EMPTY:
    'What the requirement asks for is missing: a document, a statement in words, or one of them, as it says.',
  EVIDENCE_STATEMENT: 'A statement is at most 4,000 characters of plain text.',
  EVIDENCE_TYPE: 'A document is PDF, PNG, JPEG, zip, XML or text in UTF-8; the content of this one is something else.',
  EVIDENCE_MOST:
    'As much evidence of this establishment waits for review as may: have some of it reviewed or withdrawn first.',
  EVIDENCE_BUSY: 'As many documents are on their way here as may be at once: send this one again in a minute.',
  EVIDENCE_OWN: 'Evidence is reviewed by another person than who filed it.',
  EVIDENCE_STATE: 'This evidence was reviewed or withdrawn already; read it again.',
  OVERRIDE_REQUIREMENT: 'No framework in force asks this of the establishment: there is no verdict to set.',
  CHECK_FORMAT:
    'What can be tried out is one HL7 v2 message, one FHIR resource or Bundle in JSON, one CDA document or one XDM archive, one at a time.',
  CHECK_REAL_PATIENT:
    'Only test identities are tried out here: MSH-11 T or D, meta.security HTEST, or an INS of OID 1.2.250.1.213.1.4.10 or .11, and no true INS. Nothing of it was kept.',
  CHECK_TIME: 'This message takes too long to be judged here. Try a smaller one.',
  CONFORMITY_UNTIL: 'Give the last day on which it counts: a day still to come, at most ten years away.',
  PROGRAMME_ENROLMENT:
    'The establishment cannot be enrolled like this: each field that is wrong is named. Nothing was kept.',
  PROGRAMME_MOVE:
    'The enrolment cannot move there now: what it needs first is named, or there is no such move from its state.',
  PROGRAMME_SECOND:
    'A check is done by another person than who said that the target is met, or declared its figures; of what a file says was checked, another pays than who imported it.',
  PROGRAMME_AMOUNT: 'An amount is whole cents up to a thousand million euros, and changes until something was paid.',
  PROGRAMME_PAYMENT:
    'Pay no more than what is left of the part, from the selection on and no later than today; the part for use, once the target was checked.',
  PROGRAMME_TARGET:
    'Give two whole numbers, the first no greater than the second, for a target of this enrolment that is open.',
  PROGRAMME_FILE: 'The file has lines that are wrong; each is named with its number and field. Nothing was written.',
  PROGRAMME_CHANGED: 'Somebody else changed this meanwhile: look at it again.',
}

/** In French. */
export const HELP_CONFORMITY_FR = {
  FRAMEWORK_INVALID:
    "Le référentiel contient des erreurs ; chacune est donnée avec sa ligne et sa colonne. Rien n'a été publié.",
  FRAMEWORK_TAKEN:
    'Cette version du référentiel a été publiée dans un autre texte. Une version ne change jamais : donnez-en une autre à ce texte.',
  FRAMEWORK_WITHDRAWN: 'Cette version du référentiel a été retirée et le reste. Publiez une autre version.',
  EVIDENCE_REQUIREMENT:
    'Aucun référentiel en vigueur ne demande de preuve à cet établissement pour cette exigence. Relisez les exigences.',
  EVIDENCE_EMPTY:
    "Il manque ce que demande l'exigence : un document, une déclaration écrite, ou l'un des deux, selon ce qu'elle dit.",
  EVIDENCE_STATEMENT: 'Une déclaration compte au plus 4 000 caractères de texte simple.',
  EVIDENCE_TYPE: 'Un document est en PDF, PNG, JPEG, zip, XML ou texte UTF-8 ; le contenu de celui-ci est autre chose.',
  EVIDENCE_MOST: "Trop de preuves de cet établissement attendent un examen : faites-en d'abord examiner ou retirer.",
  EVIDENCE_BUSY: "Trop de documents sont en cours d'envoi : renvoyez celui-ci dans une minute.",
  EVIDENCE_OWN: "Une preuve est examinée par une autre personne que celle qui l'a déposée.",
  EVIDENCE_STATE: 'Cette preuve a déjà été examinée ou retirée ; relisez-la.',
  OVERRIDE_REQUIREMENT:
    "Aucun référentiel en vigueur ne demande cela à l'établissement : il n'y a pas de verdict à fixer.",
  CHECK_FORMAT:
    'On peut essayer un message HL7 v2, une ressource ou un Bundle FHIR en JSON, un document CDA ou une archive XDM, un seul à la fois.',
  CHECK_REAL_PATIENT:
    "Seules des identités de test s'essaient ici : MSH-11 T ou D, meta.security HTEST, ou un INS d'OID 1.2.250.1.213.1.4.10 ou .11, et aucun INS réel. Rien n'en a été conservé.",
  CHECK_TIME: 'Juger ce message ici prend trop de temps. Essayez-en un plus petit.',
  CONFORMITY_UNTIL: 'Donnez le dernier jour où cela compte : un jour à venir, à dix ans au plus.',
  PROGRAMME_ENROLMENT:
    "L'établissement ne peut pas être inscrit ainsi : chaque champ en cause est nommé. Rien n'a été conservé.",
  PROGRAMME_MOVE:
    "Le dossier ne peut pas avancer ainsi : ce qui manque d'abord est nommé, ou cette étape ne suit pas son état.",
  PROGRAMME_SECOND:
    'Le contrôle est fait par une autre personne que celle qui a dit la cible atteinte ou en a déclaré les chiffres ; ce qu’un fichier dit contrôlé est payé par un autre que qui l’a importé.',
  PROGRAMME_AMOUNT:
    "Un montant est en centimes entiers, un milliard d'euros au plus, et ne change plus dès qu'un versement est noté.",
  PROGRAMME_PAYMENT:
    "Versez au plus ce qui reste de la part, à partir de la sélection et au plus tard ce jour ; la part d'usage, une fois la cible contrôlée.",
  PROGRAMME_TARGET:
    "Donnez deux nombres entiers, le premier au plus égal au second, pour une cible d'un dossier encore ouvert.",
  PROGRAMME_FILE:
    "Le fichier contient des lignes fausses ; chacune est donnée avec son numéro et son champ. Rien n'a été écrit.",
  PROGRAMME_CHANGED: "Quelqu'un d'autre a modifié ce dossier entre-temps : relisez-le.",
}
