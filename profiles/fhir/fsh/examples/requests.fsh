RuleSet: StrokeFacts
* identifier.system = "urn:oid:539990028"
* identifier.value = "AVC-0002-FHIR"
* status = #active
* intent = #order
* priority = #stat
* category = $sct#363679005 "Imaging"
* code = $loinc#75496-0 "Telehealth Note"
* occurrenceDateTime = "2026-11-23T10:15:00+01:00"
* authoredOn = "2026-11-23T10:15:00+01:00"
* performer.identifier.system = $finess
* performer.identifier.value = "490000031"
* reasonCode = $icd10#I63.9
* reasonCode.text = "Déficit brutal de l'hémicorps droit, aphasie ; vu bien à 09:05"

Instance: stroke-request
InstanceOf: StrokeRequest
Usage: #example
* insert Test
* insert StrokeFacts
* insert Subject
* requester.display = "Dr Claire MARTIN (FICTIF)"

RuleSet: WoundFacts
* identifier.system = "urn:oid:539990119"
* identifier.value = "TLC-0007"
* status = #active
* intent = #order
* priority = #routine
* category = $sct#448337001 "Telemedicine consultation with patient"
* code = TeleconsultationSpecialities#plaies-escarres "Plaies et escarres"
* authoredOn = "2026-11-23T09:00:00+01:00"
* requester.display = "Dr Paul ROUX (FICTIF), médecin coordonnateur"
* performer.identifier.system = $finess
* performer.identifier.value = "539990028"
* reasonCode.text = "Escarre talonnière qui s'étend depuis dix jours"

Instance: teleconsultation-request
InstanceOf: TeleconsultationRequest
Usage: #example
* insert Test
* insert WoundFacts
* insert Subject

Instance: tele-expertise-request
InstanceOf: TeleExpertiseRequest
Usage: #example
* insert Test
* identifier.system = "urn:oid:539990119"
* identifier.value = "TEX-0003"
* status = #active
* intent = #order
* priority = #routine
* code.text = "Avis dermatologique sur dossier"
* insert Subject
* requester.display = "Dr Paul ROUX (FICTIF)"
* performer.identifier.system = $finess
* performer.identifier.value = "539990028"
* note.text = "Lésion du dos, photographies jointes : quelle conduite tenir ?"

Instance: remote-request
InstanceOf: RemoteRequest
Usage: #example
* insert Test
* identifier.system = "urn:oid:539990119"
* identifier.value = "DEM-0001"
* status = #active
* intent = #order
* priority = #urgent
* code.text = "Avis gériatrique"
* insert Subject
* requester.display = "Dr Paul ROUX (FICTIF)"
* performer.identifier.system = $finess
* performer.identifier.value = "539990028"

Instance: task
InstanceOf: PasserelleTask
Usage: #example
* insert Test
* status = #requested
* intent = #order
* priority = #stat
* focus.identifier.system = "urn:oid:539990028"
* focus.identifier.value = "AVC-0002-FHIR"
* focus.type = "ServiceRequest"
* for.identifier.system = $nir-test
* for.identifier.value = "254035313000022"
* authoredOn = "2026-11-23T10:15:00+01:00"
* owner.identifier.system = $finess
* owner.identifier.value = "490000031"

Instance: case-task
InstanceOf: CaseTask
Usage: #example
* insert Test
* identifier.system = "urn:passerelle:case"
* identifier.value = "AVC-261123-0001"
* status = #in-progress
* businessStatus = CaseStates#advised
* businessStatus.text = "Avis rendu · images 12/200 · biologie"
* intent = #order
* priority = #stat
* focus.identifier.system = "urn:oid:539990028"
* focus.identifier.value = "AVC-0002-FHIR"
* focus.type = "ServiceRequest"
* for.identifier.system = $nir-test
* for.identifier.value = "254035313000022"
* authoredOn = "2026-11-23T10:15:00+01:00"
* requester.identifier.system = $finess
* requester.identifier.value = "539990028"
* owner.identifier.system = $finess
* owner.identifier.value = "490000031"
* input.type = CaseParts#onset
* input.valueDateTime = "2026-11-23T09:05:00+01:00"
* output.type = CaseParts#advice
* output.valueString = "Occlusion de l'artère cérébrale moyenne gauche."
