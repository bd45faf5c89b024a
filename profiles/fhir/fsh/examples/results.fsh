RuleSet: Scale
* status = #final
* category = $observation-category#survey
* code = $loinc#72089-6 "Total score [NIH Stroke Scale]"
* effectiveDateTime = "2026-11-23T10:12:00+01:00"
* valueInteger = 12
* component[levelOfConsciousness].valueInteger = 1
* component[questions].valueInteger = 1
* component[commands].valueInteger = 0
* component[gaze].valueInteger = 1
* component[visual].valueInteger = 1
* component[facialPalsy].valueInteger = 2
* component[leftArm].valueInteger = 0
* component[rightArm].valueInteger = 2
* component[leftLeg].valueInteger = 0
* component[rightLeg].valueInteger = 2
* component[ataxia].valueInteger = 0
* component[sensory].valueInteger = 1
* component[language].valueInteger = 1
* component[dysarthria].valueInteger = 0
* component[neglect].valueInteger = 0

Instance: nihss
InstanceOf: NihssObservation
Usage: #example
* insert Test
* insert Scale
* insert Subject

Instance: observation
InstanceOf: PasserelleObservation
Usage: #example
* insert Test
* status = #final
* code = $loinc#32016-8 "Glucose [Mass/volume] in Capillary blood"
* insert Subject
* effectiveDateTime = "2026-11-23T10:08:00+01:00"
* valueQuantity = 1.12 'g/L'

RuleSet: Images
* identifier[studyUid].value = "urn:oid:2.999.539990028.20261123.1"
* status = #available
* started = "2026-11-23T10:05:00+01:00"
* modality = $dcm#CT
* numberOfSeries = 1
* numberOfInstances = 240
* series.uid = "2.999.539990028.20261123.1.1"
* series.modality = $dcm#CT
* series.numberOfInstances = 240

RuleSet: ImageServer
* status = #active
* connectionType = $connection#dicom-wado-rs
* payloadType.text = "DICOM"
* payloadMimeType = #application/dicom
* address = "https://pacs.ch-haut-anjou.example.test/dicom-web"

Instance: images-endpoint
InstanceOf: ImagesEndpoint
Usage: #example
* insert Test
* insert ImageServer

Instance: imaging-study
InstanceOf: PasserelleImagingStudy
Usage: #example
* insert Test
* insert Images
* insert Subject
* contained = images-server
* endpoint.reference = "#images-server"

Instance: images-server
InstanceOf: Endpoint
Usage: #inline
* insert ImageServer

Instance: diagnostic-report
InstanceOf: PasserelleDiagnosticReport
Usage: #example
* insert Test
* identifier.system = "urn:oid:490000031"
* identifier.value = "CR-AVC-0002"
* status = #final
* category = $diagnostic-section#NRS
* code = $loinc#85208-7 "Telehealth Note"
* insert Subject
* issued = "2026-11-23T10:31:00+01:00"
* conclusion = "Infarctus sylvien gauche, NIHSS 12, pas de contre-indication : thrombolyse sur place."
* conclusionCode = $sct#233428003

Instance: communication
InstanceOf: PasserelleCommunication
Usage: #example
* insert Test
* status = #completed
* insert Subject
* basedOn.identifier.system = "urn:oid:539990028"
* basedOn.identifier.value = "AVC-0002-FHIR"
* sent = "2026-11-23T10:24:00+01:00"
* sender.display = "Neurologue de garde (fictif)"
* recipient.display = "Dr Claire MARTIN (FICTIF)"
* payload.contentString = "Je vois les images. Merci de reprendre la pression artérielle."

RuleSet: LetterFacts
* status = #current
* type = $loinc#34133-9 "Summary of episode note"
* category.text = "Compte rendu"
* insert Subject
* date = "2026-11-24T08:00:00+01:00"
* contained = letter-author
* author.reference = "#letter-author"
* custodian.identifier.system = $finess
* custodian.identifier.value = "539990028"
* content.attachment.contentType = #text/plain
* content.attachment.language = #fr-FR
* content.attachment.size = 34
* content.attachment.hash = "at3ns2MxaI+aQGoQIgWqpVy8MEI="
* content.attachment.title = "Compte rendu de passage aux urgences"
* context.period.start = "2026-11-23T10:02:00+01:00"

Instance: letter-author
InstanceOf: Practitioner
Usage: #inline
* name.family = "MARTIN (FICTIF)"
* name.given = "Claire"

Instance: document-reference
InstanceOf: PasserelleDocumentReference
Usage: #example
* insert Test
* insert LetterFacts
* content.attachment.data = "UGF0aWVudCBpbnZlbnRlLCBjb21wdGUgcmVuZHUgdGVzdA=="
