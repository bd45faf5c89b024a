// What is exchanged as a whole. Facts: black-box kinds K11 and K12.

CodeSystem: ExchangeEvents
Id: exchange-events
Title: "Events of messages"
Description: "What a message that is posted to $process-message is about."
* ^caseSensitive = true
* ^experimental = false
* #stroke-request "Request to a stroke unit"
* #stroke-answer "Answer of a stroke unit"
* #teleconsultation-request "Request for a teleconsultation"
* #tele-expertise-request "Request for an expert's opinion"

ValueSet: ExchangeEvent
Id: exchange-event
Title: "Event of a message"
Description: "Those that the gateway knows."
* include codes from system ExchangeEvents

Invariant: pas-exchange-1
Description: "An entry that others may name has its fullUrl"
Severity: #warning
Expression: "entry.all(fullUrl.exists())"

RuleSet: Entry(name, cardinality, profile)
* entry contains {name} {cardinality}
* entry[{name}].resource 1..1
* entry[{name}].resource only {profile}

RuleSet: EntriesByType
* entry 1..*
* entry ^slicing.discriminator.type = #type
* entry ^slicing.discriminator.path = "resource"
* entry ^slicing.rules = #open

// A patient with a qualified identity meets both profiles; what a bundle asks for is the general one.
RuleSet: PeopleAndStructures
* insert Entry(patient, 1..1, PasserellePatient)
* insert Entry(encounter, 0..*, PasserelleEncounter)
* insert Entry(organization, 0..*, PasserelleOrganization)
* insert Entry(practitioner, 0..*, PasserellePractitioner)
* insert Entry(practitionerRole, 0..*, PasserellePractitionerRole)

RuleSet: ImageEntries
* insert Entry(imagingStudy, 0..*, PasserelleImagingStudy)
* insert Entry(endpoint, 0..*, ImagesEndpoint)

Profile: StrokeTransaction
Parent: Bundle
Id: stroke-transaction
Title: "Stroke request as a transaction"
Description: "The patient, the stay, the request, the scale and the images, stored together or not at all."
* obeys pas-exchange-1
* type = #transaction
* insert EntriesByType
* insert PeopleAndStructures
* insert ImageEntries
* insert Entry(request, 1..1, StrokeRequest)
* insert Entry(observation, 0..*, PasserelleObservation)
* insert Entry(task, 0..*, PasserelleTask)

Profile: ExchangeHeader
Parent: MessageHeader
Id: exchange-header
Title: "Header of a message"
Description: "What the message is about, from whom, to whom, and the request that it brings."
* event[x] only Coding
* eventCoding from ExchangeEvent (required)
* destination 1..*
* focus 1..*

Profile: StrokeHeader
Parent: ExchangeHeader
Id: stroke-header
Title: "Header of a stroke request"
Description: "The event is stroke-request."
* event[x] = ExchangeEvents#stroke-request

Profile: StrokeMessage
Parent: Bundle
Id: stroke-message
Title: "Stroke request as a message"
Description: "The same for $process-message: the header comes first, and names the request."
* obeys pas-exchange-1
* identifier 1..1
* type = #message
* timestamp 1..1
* insert EntriesByType
* insert Entry(header, 1..1, StrokeHeader)
* insert PeopleAndStructures
* insert ImageEntries
* insert Entry(request, 1..1, StrokeRequest)
* insert Entry(observation, 0..*, PasserelleObservation)
* insert Entry(task, 0..*, PasserelleTask)

Profile: TeleconsultationTransaction
Parent: Bundle
Id: teleconsultation-transaction
Title: "Request for a teleconsultation"
Description: "The resident, the request and, where a date is wished for, the appointment that is proposed."
* obeys pas-exchange-1
* type = #transaction
* insert EntriesByType
* insert PeopleAndStructures
* insert Entry(request, 1..1, TeleconsultationRequest)
* insert Entry(appointment, 0..*, PasserelleAppointment)
* insert Entry(task, 0..*, PasserelleTask)

Profile: DocumentShare
Parent: Bundle
Id: document-share
Title: "Documents that are shared"
Description: "PDSm's ITI-65: the submission and folders (List), the references and the documents (Binary)."
* obeys pas-exchange-1
* type = #transaction
* insert EntriesByType
* insert Entry(list, 1..*, List)
* insert Entry(document, 1..*, PasserelleDocumentReference)
* insert Entry(content, 0..*, Binary)
* insert Entry(patient, 0..1, PasserellePatient)
