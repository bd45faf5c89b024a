// The identity of a patient: how far it may be trusted, and the national identifier that only a qualified one carries.
// Facts: RNIV 2.0 §3.2; FrCore (fr-core-patient, fr-core-patient-ins, fr-core-identity-reliability).

ValueSet: IdentityStatus
Id: identity-status
Title: "Status of an identity"
Description: "RNIV's four statuses as FrCore's newer files write them, and table 0445 as its older files do, where VALI means qualified. Which of the two the published version binds is not verified, so both are read."
* $fr-identity-status#PROV
* $fr-identity-status#RECUP
* $fr-identity-status#VALI
* $fr-identity-status#QUAL
* $fr-0445#VIDE
* $fr-0445#PROV
* $fr-0445#VALI
* $fr-0445#DOUB
* $fr-0445#DESA
* $fr-0445#DPOT
* $fr-0445#DOUA
* $fr-0445#COLP
* $fr-0445#COLV
* $fr-0445#FILI
* $fr-0445#CACH
* $fr-0445#ANOM
* $fr-0445#IDVER
* $fr-0445#RECD
* $fr-0445#IDRA
* $fr-0445#USUR
* $fr-0445#HOMD
* $fr-0445#HOMA
* $fr-0445#INVA
* $fr-0445#FICT
* $fr-0445#DOUT

ValueSet: IdentifierType
Id: identifier-type
Title: "Types of identifiers in France"
Description: "Those of HL7 (table 0203) and those that FrCore adds."
* include codes from system $v2-types
* $fr-types#INS-NIR
* $fr-types#INS-NIA
* $fr-types#INS-NIR-TEST
* $fr-types#INS-NIR-DEMO
* $fr-types#INS-C
* $fr-types#NDP
* $fr-types#RRI
* $fr-types#IDNPS
* $fr-types#RPPS
* $fr-types#ADELI
* $fr-types#IDNST
* $fr-types#FINEJ
* $fr-types#FINEG
* $fr-types#SIREN
* $fr-types#SIRET
* $fr-types#UF
* $fr-types#SRV

ValueSet: IdentityMethod
Id: identity-method
Title: "How an identity was collected"
Description: "By hand, Vitale card, INSi, bar code, RFID, Vitale application (ZFD-5 of PAM FR, and AV of FrCore)."
* $fr-identity-method#SM
* $fr-identity-method#CV
* $fr-identity-method#INSI
* $fr-identity-method#CB
* $fr-identity-method#RFID
* $fr-identity-method#AV

ValueSet: QualifiedGender
Id: qualified-gender
Title: "Gender as INSi gives it"
Description: "FrCore's qualified identity has no `other`."
* http://hl7.org/fhir/administrative-gender#male
* http://hl7.org/fhir/administrative-gender#female
* http://hl7.org/fhir/administrative-gender#unknown

// An annotation stands under `comment` in the newer files of FrCore, and as one more identityStatus in the older ones.
Invariant: pas-identity-1
Description: "A doubtful (DOUT) or invented (FICT) identity is provisional (RNIV EXI SI 09)"
Severity: #error
Expression: "(extension('comment').value.coding.where(code = 'DOUT' or code = 'FICT').empty() and extension('identityStatus').value.where(code = 'DOUT' or code = 'FICT').empty()) or extension('identityStatus').value.where(code = 'VALI' or code = 'QUAL' or code = 'RECUP').empty()"

Invariant: pas-identity-2
Description: "An identity is not doubtful and invented at once (RNIV EXI SI 09)"
Severity: #error
Expression: "(extension('comment').value.coding.where(code = 'DOUT').empty() and extension('identityStatus').value.where(code = 'DOUT').empty()) or (extension('comment').value.coding.where(code = 'FICT').empty() and extension('identityStatus').value.where(code = 'FICT').empty())"

Extension: IdentityReliability
Id: identity-reliability
Title: "How far an identity may be trusted"
Description: "FrCore's extension, with the parts of its newer files and, beside them, those of the older ones."
Context: Patient
* ^url = "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-identity-reliability"
* obeys pas-identity-1 and pas-identity-2
* extension contains
    identityStatus 0..* and
    methodCollection 0..1 and
    dateInterrogationINSi 0..1 and
    dateCollection 0..1 and
    comment 0..* and
    validationDate 0..1 and
    validationMode 0..1
* extension[identityStatus].value[x] 1..1
* extension[identityStatus].value[x] only Coding
* extension[identityStatus].valueCoding from IdentityStatus (extensible)
* extension[methodCollection].value[x] 1..1
* extension[methodCollection].value[x] only Coding
* extension[methodCollection].valueCoding from IdentityMethod (extensible)
* extension[dateInterrogationINSi].value[x] 1..1
* extension[dateInterrogationINSi].value[x] only date or dateTime
* extension[dateCollection].value[x] 1..1
* extension[dateCollection].value[x] only date or dateTime
* extension[comment].value[x] 1..1
* extension[comment].value[x] only CodeableConcept
* extension[validationDate].value[x] 1..1
* extension[validationDate].value[x] only date or dateTime
* extension[validationMode].value[x] 1..1
* extension[validationMode].value[x] only Coding

Invariant: pas-insee-1
Description: "The code of a commune or country has five places (COG; 99999 when unknown)"
Severity: #warning
Expression: "code.matches('^([0-9]{5}|2[AB][0-9]{3})$')"

Extension: InseeCode
Id: insee-code
Title: "Commune of an address"
Description: "The INSEE code of the commune, or 99 and the country's code (FrCore)."
Context: Address
* ^url = "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-address-insee-code"
* value[x] 1..1
* value[x] only Coding
* valueCoding obeys pas-insee-1
* valueCoding.code 1..1

Extension: BirthListGivenName
Id: birth-list-given-name
Title: "All given names of the birth record"
Description: "In the order of the record, with spaces between them (FrCore)."
Context: HumanName
* ^url = "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-patient-birth-list-given-name"
* value[x] 1..1
* value[x] only string

Invariant: pas-ins-1
Description: "An INS travels only with a qualified identity (RNIV EXI SI 08)"
Severity: #error
Expression: "identifier.type.coding.where(code.startsWith('INS-N')).empty() or extension('https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-identity-reliability').extension('identityStatus').value.where(code = 'QUAL' or (code = 'VALI' and system.endsWith('v2-0445'))).exists()"

// By the type, the rule before knows an INS. INS-C lives under the same branch of OIDs.
Invariant: pas-ins-2
Description: "A number of the INS service says by its type which it is: INS-NIR, INS-NIA, INS-NIR-TEST, INS-NIR-DEMO, or NH for billing"
Severity: #error
Expression: "identifier.where(system.startsWith('urn:oid:1.2.250.1.213.1.4.')).all(type.coding.where(code = 'NH' or code.startsWith('INS-')).exists())"

Invariant: pas-ins-3
Description: "A qualified identity has one INS in use: an official one, or a temporary NIA (fr-core-1, fr-core-2)"
Severity: #error
Expression: "identifier.where(use = 'official' and type.coding.where(code.startsWith('INS-NIR')).exists()).count() = 1 or (identifier.where(use = 'official' and type.coding.where(code.startsWith('INS-NIR')).exists()).empty() and identifier.where(use = 'temp' and type.coding.where(code = 'INS-NIA').exists()).count() = 1)"

Invariant: pas-ins-4
Description: "An INS is written with its key: 15 places (PAM FR §6.6.1)"
Severity: #error
Expression: "matches('^[0-9]{5}([0-9]{2}|2[AB])[0-9]{8}$')"

Invariant: pas-ins-5
Description: "A place of birth that is not known (99999) seldom goes with a qualified identity (FrCore 2.2.0)"
Severity: #warning
Expression: "extension('http://hl7.org/fhir/StructureDefinition/patient-birthPlace').value.extension('https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-address-insee-code').value.where(code = '99999').empty()"

Profile: PasserellePatient
Parent: Patient
Id: patient
Title: "Patient"
Description: "A patient as establishments send them, whatever the status of the identity; most residents of nursing homes come provisional. After fr-core-patient."
* obeys pas-ins-1 and pas-ins-2
* extension contains
    IdentityReliability named identityReliability 0..* and
    $birth-place named birthPlace 0..1 and
    $nationality named nationality 0..*
* identifier.type from IdentifierType (extensible)
* identifier ^slicing.discriminator.type = #pattern
* identifier ^slicing.discriminator.path = "type"
* identifier ^slicing.rules = #open
* identifier contains
    NSS 0..1 and
    INS-C 0..* and
    NDP 0..1 and
    PI 0..* and
    RRI 0..*
* identifier[NSS].type = $v2-types#NH
* identifier[NSS].system 1..1
* identifier[NSS].system = "urn:oid:1.2.250.1.213.1.4.8"
* identifier[NSS].value 1..1
* identifier[INS-C].type = $fr-types#INS-C
* identifier[INS-C].use = #secondary
* identifier[INS-C].system 1..1
* identifier[INS-C].value 1..1
* identifier[NDP].type = $fr-types#NDP
* identifier[NDP].system 1..1
* identifier[NDP].system = "urn:oid:1.2.250.1.176.1.2"
* identifier[NDP].value 1..1
* identifier[PI].type = $v2-types#PI
* identifier[PI].system 1..1
* identifier[PI].value 1..1
* identifier[RRI].type = $fr-types#RRI
* identifier[RRI].system 1..1
* identifier[RRI].value 1..1
* name 1..*
* name ^slicing.discriminator.type = #value
* name ^slicing.discriminator.path = "use"
* name ^slicing.rules = #open
* name contains officialName 0..* and usualName 0..*
* name[officialName].use 1..1
* name[officialName].use = #official
* name[officialName].family 1..1
* name[officialName].given 1..*
* name[officialName].extension contains BirthListGivenName named birthListGivenName 0..1
* name[usualName].use 1..1
* name[usualName].use = #usual

Profile: QualifiedPatient
Parent: PasserellePatient
Id: qualified-patient
Title: "Patient with a qualified INS"
Description: "An identity retrieved from INSi and validated by a document, with its national identifier and strict traits. After fr-core-patient-ins."
* obeys pas-ins-3 and pas-ins-5
* extension[identityReliability] 1..*
* extension[birthPlace] 1..1
* extension[birthPlace].valueAddress 1..1
* extension[birthPlace].valueAddress.extension contains InseeCode named inseeCode 1..1
* identifier 1..*
* identifier contains
    INS-NIR 0..* and
    INS-NIA 0..* and
    INS-NIR-TEST 0..* and
    INS-NIR-DEMO 0..*
* identifier[INS-NIR].use 1..1
* identifier[INS-NIR].type = $fr-types#INS-NIR
* identifier[INS-NIR].system 1..1
* identifier[INS-NIR].system = "urn:oid:1.2.250.1.213.1.4.8"
* identifier[INS-NIR].value 1..1
* identifier[INS-NIR].value obeys pas-ins-4
* identifier[INS-NIA].use 1..1
* identifier[INS-NIA].type = $fr-types#INS-NIA
* identifier[INS-NIA].system 1..1
* identifier[INS-NIA].system = "urn:oid:1.2.250.1.213.1.4.9"
* identifier[INS-NIA].value 1..1
* identifier[INS-NIA].value obeys pas-ins-4
* identifier[INS-NIR-TEST].use 1..1
* identifier[INS-NIR-TEST].type = $fr-types#INS-NIR-TEST
* identifier[INS-NIR-TEST].system 1..1
* identifier[INS-NIR-TEST].system = "urn:oid:1.2.250.1.213.1.4.10"
* identifier[INS-NIR-TEST].value 1..1
* identifier[INS-NIR-TEST].value obeys pas-ins-4
* identifier[INS-NIR-DEMO].use 1..1
* identifier[INS-NIR-DEMO].type = $fr-types#INS-NIR-DEMO
* identifier[INS-NIR-DEMO].system 1..1
* identifier[INS-NIR-DEMO].system = "urn:oid:1.2.250.1.213.1.4.11"
* identifier[INS-NIR-DEMO].value 1..1
* identifier[INS-NIR-DEMO].value obeys pas-ins-4
* name[officialName] 1..1
* name[officialName].given 1..1
* name[officialName].extension[birthListGivenName] 1..1
* gender 1..1
* gender from QualifiedGender (required)
* birthDate 1..1
