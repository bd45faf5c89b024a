// Results, decisions and documents. Facts: interoperability §2.3 (PDSm 3.1.1) and §3.4 to 3.5.

ValueSet: StrokeDecision
Id: stroke-decision
Title: "Decision of a stroke unit"
Description: "As CI-SIS codes the treatments; a transfer is told in words."
* $sct#233428003
* $sct#43810009

Invariant: pas-report-1
Description: "A report that is final says something: a conclusion, a result or a document"
Severity: #error
Expression: "(status = 'final' or status = 'amended' or status = 'corrected') implies (conclusion.exists() or conclusionCode.exists() or result.exists() or presentedForm.exists())"

Invariant: pas-report-2
Description: "A report says when it was made or what time it is about"
Severity: #warning
Expression: "issued.exists() or effective.exists()"

Profile: PasserelleDiagnosticReport
Parent: DiagnosticReport
Id: diagnostic-report
Title: "Report of an act or an opinion"
Description: "The answer to a request: an expert's conclusion, an imaging report, results."
* obeys pas-report-1 and pas-report-2
* identifier.type from IdentifierType (extensible)
* identifier.system 1..1
* identifier.value 1..1
* subject 1..1
* subject only Reference(Patient)
* conclusionCode from StrokeDecision (preferred)

Invariant: pas-document-1
Description: "The document is carried or told where it is"
Severity: #error
Expression: "data.exists() or url.exists()"

Profile: PasserelleDocumentReference
Parent: DocumentReference
Id: document-reference
Title: "Document that is shared"
Description: "A document with what a sharing platform must know of it. After PDSm's comprehensive reference; types and categories are national sets that a region's package brings."
* contained 1..*
* type 1..1
* type from $document-types (extensible)
* category 1..*
* category from $document-categories (extensible)
* subject 1..1
* subject only Reference(Patient)
* date 1..1
* author 1..*
* custodian 1..1
* content.attachment obeys pas-document-1
* content.attachment.contentType 1..1
* content.attachment.size 1..1
* content.attachment.hash 1..1
* content.attachment.title 1..1
* context 1..1
* context.period 1..1
* context.period.start 1..1

Profile: PasserelleCommunication
Parent: Communication
Id: communication
Title: "Message about a case"
Description: "What professionals tell each other about a request: an answer, a decision, a need for more."
* payload 1..*
* subject 1..1
* subject only Reference(Patient)
* basedOn only Reference(ServiceRequest)
* sent 1..1
* sender 1..1
* recipient 1..*
