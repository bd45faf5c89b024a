// Requests for an opinion at a distance, and the work that they start. Facts: black-box kind K11; interoperability §3.4 to 3.6.

CodeSystem: TeleconsultationSpecialities
Id: teleconsultation-specialities
Title: "Specialities of the region's expert centres"
Description: "What a nursing home may ask an expert centre for."
* ^caseSensitive = true
* ^experimental = false
* #plaies-escarres "Plaies et escarres"
* #psychiatrie "Psychiatrie"
* #troubles-comportement "Troubles du comportement"
* #soins-palliatifs "Soins palliatifs"

ValueSet: TeleconsultationSpeciality
Id: teleconsultation-speciality
Title: "Speciality of a teleconsultation"
Description: "A region with other expert centres supplies a set of this address."
* include codes from system TeleconsultationSpecialities

ValueSet: StrokeReason
Id: stroke-reason
Title: "Stroke as the reason of a request"
Description: "The codes of profiles/tables/stroke.csv, with the subdivisions of ICD-10 (WHO)."
* $icd10#I60
* $icd10#I60.0
* $icd10#I60.1
* $icd10#I60.2
* $icd10#I60.3
* $icd10#I60.4
* $icd10#I60.5
* $icd10#I60.6
* $icd10#I60.7
* $icd10#I60.8
* $icd10#I60.9
* $icd10#I61
* $icd10#I61.0
* $icd10#I61.1
* $icd10#I61.2
* $icd10#I61.3
* $icd10#I61.4
* $icd10#I61.5
* $icd10#I61.6
* $icd10#I61.8
* $icd10#I61.9
* $icd10#I62
* $icd10#I62.0
* $icd10#I62.1
* $icd10#I62.9
* $icd10#I63
* $icd10#I63.0
* $icd10#I63.1
* $icd10#I63.2
* $icd10#I63.3
* $icd10#I63.4
* $icd10#I63.5
* $icd10#I63.6
* $icd10#I63.8
* $icd10#I63.9
* $icd10#I64
* $icd10#G45
* $icd10#G45.0
* $icd10#G45.1
* $icd10#G45.2
* $icd10#G45.3
* $icd10#G45.4
* $icd10#G45.8
* $icd10#G45.9
* $sct#230690007
* $sct#422504002
* $sct#274100004

ValueSet: RequestIntent
Id: request-intent
Title: "Intent of a request that is sent"
Description: "An order, or a form of one; never a proposal or a plan."
* http://hl7.org/fhir/request-intent#order
* http://hl7.org/fhir/request-intent#original-order
* http://hl7.org/fhir/request-intent#instance-order

Profile: RemoteRequest
Parent: ServiceRequest
Id: remote-request
Title: "Request to a distant centre"
Description: "What every request to an expert has: who asks, for whom, of whom, what, and how urgently."
* identifier 1..*
* identifier.type from IdentifierType (extensible)
* identifier.system 1..1
* identifier.value 1..1
* intent from RequestIntent (required)
* priority 1..1
* code 1..1
* subject only Reference(Patient)
* requester 1..1
* performer 1..*

Invariant: pas-stroke-1
Description: "A stroke is asked about at once: the priority is stat"
Severity: #warning
Expression: "priority = 'stat'"

Profile: StrokeRequest
Parent: RemoteRequest
Id: stroke-request
Title: "Request to a stroke unit"
Description: "A hospital without a stroke unit asks the neurologist on call. The scale and the images stand in supportingInfo."
* obeys pas-stroke-1
* reasonCode 1..*
* reasonCode from StrokeReason (extensible)
* supportingInfo only Reference(ImagingStudy or Observation or DiagnosticReport or DocumentReference or Condition)

Invariant: pas-teleconsultation-1
Description: "The category says that it is a teleconsultation"
Severity: #warning
Expression: "category.exists()"

Profile: TeleconsultationRequest
Parent: RemoteRequest
Id: teleconsultation-request
Title: "Request for a teleconsultation"
Description: "A nursing home asks an expert centre to see a resident with those who stand beside."
* obeys pas-teleconsultation-1
* code from TeleconsultationSpeciality (required)
* supportingInfo MS

Invariant: pas-expertise-1
Description: "The expert needs the question: a reason, a note or a document"
Severity: #error
Expression: "reasonCode.exists() or reasonReference.exists() or note.exists() or supportingInfo.exists()"

Profile: TeleExpertiseRequest
Parent: RemoteRequest
Id: tele-expertise-request
Title: "Request for an expert's opinion"
Description: "A professional asks another for an opinion on a file; the patient is not there."
* obeys pas-expertise-1

Invariant: pas-task-1
Description: "A refusal, a failure or a cancellation says why"
Severity: #warning
Expression: "(status = 'rejected' or status = 'failed' or status = 'cancelled') implies statusReason.exists()"

Profile: PasserelleTask
Parent: Task
Id: task
Title: "State of a request"
Description: "How far a request has come: requested, received, accepted or rejected, in progress, completed. The owner is the expert centre."
* obeys pas-task-1
* focus 1..1
* focus only Reference(ServiceRequest)
* for 1..1
* for only Reference(Patient)
* authoredOn 1..1
