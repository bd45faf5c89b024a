// A case of telemedicine as a Task: what it stands at, for everybody who takes part. Facts: interoperability §3.5.

CodeSystem: CaseStates
Id: case-state
Title: "States of a case"
Description: "In the order of its way. Images and biology are told beside them, as outputs of the Task."
* ^caseSensitive = true
* ^experimental = false
* #requested "Demandé"
* #seen "Vu"
* #accepted "Accepté"
* #refused "Refusé"
* #planned "Planifié"
* #arrived "Patient arrivé"
* #advised "Avis rendu"
* #advice-read "Avis lu"
* #decided "Décision enregistrée"
* #done "Terminé"
* #cancelled "Annulé"

CodeSystem: CaseParts
Id: case-part
Title: "Inputs and outputs of a case"
Description: "Times that are told, and what comes of a case."
* ^caseSensitive = true
* ^experimental = false
* #last-seen-well "Vu sans déficit pour la dernière fois"
* #onset "Début constaté"
* #discovery "Découverte, réveil"
* #first-contact "Premier contact médical"
* #arrival "Arrivée"
* #imaging-begun "Début de l'imagerie"
* #imaging-ended "Fin de l'imagerie"
* #needle "Injection"
* #groin-puncture "Ponction fémorale"
* #transfer-departure "Départ du transfert"
* #transfer-arrival "Arrivée du transfert"
* #study "Examen d'imagerie"
* #images "Images reçues sur attendues"
* #biology "Biologie"
* #reached "Expert joint par téléphone"
* #advice "Avis"
* #advice-read "Avis lu"
* #decision "Décision"
* #report "Compte rendu"
* #message "Message"

CodeSystem: CaseMarks
Id: case-mark
Title: "Marks of a case"
Description: "What tells it apart from others."
* ^caseSensitive = true
* ^experimental = false
* #drill "Exercice"

ValueSet: CaseState
Id: case-state-set
Title: "State of a case"
Description: "Every state."
* include codes from system CaseStates

ValueSet: CasePart
Id: case-part-set
Title: "Input or output of a case"
Description: "Those of cases; the scale of a stroke goes by its own code."
* include codes from system CaseParts
* $loinc#72089-6

Profile: CaseTask
Parent: PasserelleTask
Id: case-task
Title: "Case of telemedicine"
Description: "The gateway writes it whenever the case changes. Whoever takes part moves the case by changing status, businessStatus and output."
* identifier 1..*
* identifier.system 1..1
* identifier.value 1..1
* businessStatus 1..1
* businessStatus from CaseState (required)
* input.type from CasePart (required)
* output.type from CasePart (required)
