// A hospital without a stroke unit asks Angers: the same eight resources as a transaction and as a message.

RuleSet: StrokeSubject
* subject.reference = "urn:uuid:5d5b0001-0000-4000-8000-000000000001"

Instance: stroke-patient
InstanceOf: QualifiedPatient
Usage: #inline
* insert Suzanne

Instance: stroke-encounter
InstanceOf: PasserelleEncounter
Usage: #inline
* insert Visit
* insert StrokeSubject
* serviceProvider.reference = "urn:uuid:5d5b0001-0000-4000-8000-000000000007"

Instance: stroke-order
InstanceOf: StrokeRequest
Usage: #inline
* insert StrokeFacts
* insert StrokeSubject
* encounter.reference = "urn:uuid:5d5b0001-0000-4000-8000-000000000002"
* requester.reference = "urn:uuid:5d5b0001-0000-4000-8000-000000000008"
* supportingInfo[0].reference = "urn:uuid:5d5b0001-0000-4000-8000-000000000004"
* supportingInfo[1].reference = "urn:uuid:5d5b0001-0000-4000-8000-000000000005"

Instance: stroke-scale
InstanceOf: NihssObservation
Usage: #inline
* insert Scale
* insert StrokeSubject
* encounter.reference = "urn:uuid:5d5b0001-0000-4000-8000-000000000002"

Instance: stroke-images
InstanceOf: PasserelleImagingStudy
Usage: #inline
* insert Images
* insert StrokeSubject
* encounter.reference = "urn:uuid:5d5b0001-0000-4000-8000-000000000002"
* endpoint.reference = "urn:uuid:5d5b0001-0000-4000-8000-000000000006"

Instance: stroke-image-server
InstanceOf: ImagesEndpoint
Usage: #inline
* insert ImageServer

Instance: stroke-hospital
InstanceOf: PasserelleOrganization
Usage: #inline
* insert Hospital

Instance: stroke-requester
InstanceOf: PasserellePractitionerRole
Usage: #inline
* practitioner.identifier.system = $rpps
* practitioner.identifier.value = "10999999997"
* practitioner.display = "Dr Claire MARTIN (FICTIF)"
* organization.reference = "urn:uuid:5d5b0001-0000-4000-8000-000000000007"

RuleSet: Carried(slice, number, resource)
* entry[{slice}].fullUrl = "urn:uuid:5d5b0001-0000-4000-8000-00000000000{number}"
* entry[{slice}].resource = {resource}

RuleSet: StrokeEntries
* insert Carried(patient, 1, stroke-patient)
* insert Carried(encounter, 2, stroke-encounter)
* insert Carried(request, 3, stroke-order)
* insert Carried(observation, 4, stroke-scale)
* insert Carried(imagingStudy, 5, stroke-images)
* insert Carried(endpoint, 6, stroke-image-server)
* insert Carried(organization, 7, stroke-hospital)
* insert Carried(practitionerRole, 8, stroke-requester)

RuleSet: Post(slice, type)
* entry[{slice}].request.method = #POST
* entry[{slice}].request.url = "{type}"

Instance: stroke-transaction
InstanceOf: StrokeTransaction
Usage: #example
* insert Test
* insert StrokeEntries
* insert Post(patient, Patient)
* insert Post(encounter, Encounter)
* insert Post(request, ServiceRequest)
* insert Post(observation, Observation)
* insert Post(imagingStudy, ImagingStudy)
* insert Post(endpoint, Endpoint)
* insert Post(organization, Organization)
* insert Post(practitionerRole, PractitionerRole)

RuleSet: StrokeHeaderFacts
* source.name = "DPI du CH du Haut-Anjou (fictif)"
* source.endpoint = "https://dpi.ch-haut-anjou.example.test/fhir"
* destination.name = "UNV d'Angers"
* destination.endpoint = "https://passerelle.example.test/fhir/$process-message"
* destination.receiver.identifier.system = $finess
* destination.receiver.identifier.value = "490000031"

Instance: stroke-header
InstanceOf: StrokeHeader
Usage: #example
* insert Test
* insert StrokeHeaderFacts
* focus.identifier.system = "urn:oid:539990028"
* focus.identifier.value = "AVC-0002-FHIR"
* focus.type = "ServiceRequest"

Instance: exchange-header
InstanceOf: ExchangeHeader
Usage: #example
* insert Test
* eventCoding = ExchangeEvents#tele-expertise-request
* insert StrokeHeaderFacts
* focus.identifier.system = "urn:oid:539990028"
* focus.identifier.value = "AVC-0002-FHIR"
* focus.type = "ServiceRequest"

Instance: stroke-message-header
InstanceOf: StrokeHeader
Usage: #inline
* insert StrokeHeaderFacts
* focus.reference = "urn:uuid:5d5b0001-0000-4000-8000-000000000003"

Instance: stroke-message
InstanceOf: StrokeMessage
Usage: #example
* insert Test
* identifier.system = "urn:oid:539990028"
* identifier.value = "MSG-AVC-0002"
* timestamp = "2026-11-23T10:15:00+01:00"
* entry[header].fullUrl = "urn:uuid:5d5b0001-0000-4000-8000-000000000009"
* entry[header].resource = stroke-message-header
* insert StrokeEntries

Instance: wound-resident
InstanceOf: PasserellePatient
Usage: #inline
* extension[identityReliability].extension[identityStatus].valueCoding = $fr-identity-status#PROV
* identifier[PI].system = "urn:oid:2.999.539990119"
* identifier[PI].value = "R-0042"
* name[officialName].family = "MOREAU (FICTIF)"
* name[officialName].given = "HENRI"
* gender = #male
* birthDate = "1931"

Instance: wound-request
InstanceOf: TeleconsultationRequest
Usage: #inline
* insert WoundFacts
* insert StrokeSubject

Instance: wound-appointment
InstanceOf: PasserelleAppointment
Usage: #inline
* insert Proposal
* basedOn.reference = "urn:uuid:5d5b0001-0000-4000-8000-000000000002"
* participant[0].actor.reference = "urn:uuid:5d5b0001-0000-4000-8000-000000000001"

Instance: teleconsultation-transaction
InstanceOf: TeleconsultationTransaction
Usage: #example
* insert Test
* insert Carried(patient, 1, wound-resident)
* insert Post(patient, Patient)
* insert Carried(request, 2, wound-request)
* insert Post(request, ServiceRequest)
* insert Carried(appointment, 3, wound-appointment)
* insert Post(appointment, Appointment)

Instance: share-letter
InstanceOf: PasserelleDocumentReference
Usage: #inline
* insert LetterFacts
* content.attachment.url = "urn:uuid:5d5b0001-0000-4000-8000-000000000003"

Instance: share-content
InstanceOf: Binary
Usage: #inline
* contentType = #text/plain
* data = "UGF0aWVudCBpbnZlbnRlLCBjb21wdGUgcmVuZHUgdGVzdA=="

Instance: share-submission
InstanceOf: List
Usage: #inline
* status = #current
* mode = #working
* code.text = "Lot de soumission"
* insert Subject
* date = "2026-11-24T08:00:00+01:00"
* entry.item.reference = "urn:uuid:5d5b0001-0000-4000-8000-000000000002"

Instance: document-share
InstanceOf: DocumentShare
Usage: #example
* insert Test
* insert Carried(list, 1, share-submission)
* insert Post(list, List)
* insert Carried(document, 2, share-letter)
* insert Post(document, DocumentReference)
* insert Carried(content, 3, share-content)
* insert Post(content, Binary)
