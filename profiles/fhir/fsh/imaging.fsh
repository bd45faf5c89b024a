// Images by reference: never through the bus. Facts: interoperability §3.5; DICOM PS3.5 §9.1 for identifiers.

ValueSet: ImageConnection
Id: image-connection
Title: "Ways to images"
Description: "DICOMweb, and the invocation of a viewer (IID)."
* $connection#dicom-wado-rs
* $connection#dicom-qido-rs
* $connection#dicom-stow-rs
* $connection#ihe-iid

Invariant: pas-endpoint-1
Description: "Images are reached over TLS"
Severity: #warning
Expression: "address.startsWith('https://')"

Profile: ImagesEndpoint
Parent: Endpoint
Id: images-endpoint
Title: "Where images are"
Description: "The DICOMweb service or viewer that gives the images of a study."
* obeys pas-endpoint-1
* connectionType from ImageConnection (required)

Invariant: pas-study-1
Description: "A study has its UID: system urn:dicom:uid, value urn:oid: and numbers without leading zero, 64 places at most"
Severity: #error
Expression: "value.matches('^urn:oid:(0|[1-9][0-9]*)([.](0|[1-9][0-9]*))+$') and value.length() <= 72"

Invariant: pas-study-2
Description: "A series or image UID has numbers without leading zero, 64 places at most"
Severity: #error
Expression: "matches('^(0|[1-9][0-9]*)([.](0|[1-9][0-9]*))+$') and length() <= 64"

Invariant: pas-study-3
Description: "A study says where its images are"
Severity: #warning
Expression: "endpoint.exists() or series.endpoint.exists()"

Profile: PasserelleImagingStudy
Parent: ImagingStudy
Id: imaging-study
Title: "Imaging study"
Description: "Which images there are and where; the images themselves stay in the archive."
* obeys pas-study-3
* identifier 1..*
* identifier.type from IdentifierType (extensible)
* identifier.system 1..1
* identifier.value 1..1
* identifier ^slicing.discriminator.type = #value
* identifier ^slicing.discriminator.path = "system"
* identifier ^slicing.rules = #open
* identifier contains studyUid 1..1
* identifier[studyUid].system = "urn:dicom:uid"
* identifier[studyUid] obeys pas-study-1
* subject only Reference(Patient)
* endpoint only Reference(Endpoint)
* series.uid obeys pas-study-2
* series.instance.uid obeys pas-study-2
