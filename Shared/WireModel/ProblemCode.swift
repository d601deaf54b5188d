/// Every way Vultus can decline, by a stable code: the same on HTTP (`code` of a problem document), at the
/// command line (`--json` errors) and in the journal's answers.
package enum ProblemCode: String, Codable, Sendable, CaseIterable {
    // Input
    case invalidRequest = "invalid_request"
    case notFound = "not_found"
    case conflict
    case bodyTooLarge = "body_too_large"
    case fileUnreadable = "file_unreadable"
    // Pictures
    case imageEmpty = "image_empty"
    case imageNotRecognised = "image_not_recognised"
    case imageUnsupported = "image_unsupported"
    case imageTruncated = "image_truncated"
    case imageCorrupt = "image_corrupt"
    case imageTooLarge = "image_too_large"
    // Faces
    case noFace = "no_face"
    case severalFaces = "several_faces"
    case faceTooSmall = "face_too_small"
    case faceBlurred = "face_blurred"
    case faceTurned = "face_turned"
    case faceTooDark = "face_too_dark"
    case faceTooBright = "face_too_bright"
    case faceCutOff = "face_cut_off"
    case faceUncertain = "face_uncertain"
    case shotsDisagree = "shots_disagree"
    case presentationAttackSuspected = "presentation_attack_suspected"
    case challengeFailed = "challenge_failed"
    case presentationUndetermined = "presentation_undetermined"
    // Models and engine
    case modelsMissing = "models_missing"
    case modelsAltered = "models_altered"
    case engineUnavailable = "engine_unavailable"
    // Cameras
    case cameraMissing = "camera_missing"
    case cameraNotPermitted = "camera_not_permitted"
    case cameraBusy = "camera_busy"
    case cameraUnsuitable = "camera_unsuitable"
    case cameraFailed = "camera_failed"
    // Stores
    case storeBusy = "store_busy"
    case storeFull = "store_full"
    case storeNewer = "store_newer"
    case storeDamaged = "store_damaged"
    case storeUnavailable = "store_unavailable"
    // Enrolment of devices
    case notJoined = "not_joined"
    case alreadyJoined = "already_joined"
    case tokenMalformed = "token_malformed"
    case tokenUnknown = "token_unknown"
    case tokenUsed = "token_used"
    case tokenExpired = "token_expired"
    case joinPending = "join_pending"
    case joinRefused = "join_refused"
    // Reaching and trusting the hub
    case hubUnreachable = "hub_unreachable"
    case hubTimedOut = "hub_timed_out"
    case hubUntrusted = "hub_untrusted"
    case hubMisbehaved = "hub_misbehaved"
    case certificateMissing = "certificate_missing"
    case certificateRefused = "certificate_refused"
    case deviceRevoked = "device_revoked"
    case deviceStolen = "device_stolen"
    case deviceWiped = "device_wiped"
    case devicePaused = "device_paused"
    // Releases
    case releaseUntrusted = "release_untrusted"
    case releaseUnsuitable = "release_unsuitable"
    case releaseAltered = "release_altered"
    // Leases and quota
    case leaseMissing = "lease_missing"
    case leaseSpent = "lease_spent"
    case leaseExpired = "lease_expired"
    case leaseInvalid = "lease_invalid"
    case quotaExhausted = "quota_exhausted"
    case notForSale = "not_for_sale"
    case accountInactive = "account_inactive"
    // What is applied for, used and paid
    case notApplied = "not_applied"
    case approvalPending = "approval_pending"
    case entitlementPaused = "entitlement_paused"
    case entitlementEnded = "entitlement_ended"
    case trialOver = "trial_over"
    case balanceExhausted = "balance_exhausted"
    case rateLimited = "rate_limited"
    case idempotencyMismatch = "idempotency_mismatch"
    case idempotencyInProgress = "idempotency_in_progress"
    case idempotencyAnswerGone = "idempotency_answer_gone"
    // Journal
    case journalFork = "journal_fork"
    case journalRolledBack = "journal_rolled_back"
    case journalGap = "journal_gap"
    case journalTampered = "journal_tampered"
    case leaseOverrun = "lease_overrun"
    // Sync by file
    case syncFileDamaged = "sync_file_damaged"
    case syncFileForeign = "sync_file_foreign"
    // Signing in
    case signInRequired = "sign_in_required"
    case credentialsWrong = "credentials_wrong"
    case secondFactorRequired = "second_factor_required"
    case secondFactorWrong = "second_factor_wrong"
    case csrfRefused = "csrf_refused"
    case roleInsufficient = "role_insufficient"
    case tooManyAttempts = "too_many_attempts"
    case passwordWeak = "password_weak"
    case mailTokenInvalid = "mail_token_invalid"
    // Registration
    case emailInvalid = "email_invalid"
    case mailDomainRefused = "mail_domain_refused"
    case emailUnverified = "email_unverified"
    case domainUnproven = "domain_unproven"
    case domainProofMissing = "domain_proof_missing"
    case domainProofUnreachable = "domain_proof_unreachable"
    // Standing
    case accountLapsed = "account_lapsed"
    case accountSuspended = "account_suspended"
    case accountEnded = "account_ended"
    case apiPaused = "api_paused"
    case throttled
    // Agreements
    case agreementRequired = "agreement_required"
    case faceDataAgreementRequired = "face_data_agreement_required"
    case apiTermsRequired = "api_terms_required"
    case agreementDeclined = "agreement_declined"
    case agreementChanged = "agreement_changed"
    // Keys of the API
    case keyMissing = "key_missing"
    case keyMalformed = "key_malformed"
    case keyUnknown = "key_unknown"
    case keyFrozen = "key_frozen"
    case keyExpired = "key_expired"
    case keyRefusesAPI = "key_refuses_api"
    case keyRefusesAddress = "key_refuses_address"
    case keyRefusesApplication = "key_refuses_application"
    // Customisation
    case definitionInvalid = "definition_invalid"
    // HTTP
    case methodNotAllowed = "method_not_allowed"
    case mediaTypeUnsupported = "media_type_unsupported"
    // Recognition
    case overloaded
    case templatesWithheld = "templates_withheld"
    // The hub as a whole
    case auditBroken = "audit_broken"
    case keysForeign = "keys_foreign"
    case mailUndeliverable = "mail_undeliverable"
    // Everything else
    case interrupted
    case internalFault = "internal_fault"
}

extension ProblemCode {
    /// The HTTP status a hub or agent answers with.
    package var status: Int {
        switch self {
        case .invalidRequest, .imageEmpty, .imageNotRecognised, .imageTruncated, .imageCorrupt, .tokenMalformed, .fileUnreadable, .syncFileDamaged,
            .noFace, .severalFaces, .faceTooSmall, .faceBlurred, .faceTurned, .faceTooDark, .faceTooBright, .faceCutOff, .faceUncertain,
            .shotsDisagree, .presentationAttackSuspected, .challengeFailed, .presentationUndetermined, .passwordWeak, .emailInvalid, .mailDomainRefused,
            .mailTokenInvalid, .definitionInvalid:
            400
        case .certificateMissing, .signInRequired, .credentialsWrong, .secondFactorRequired, .secondFactorWrong, .keyMissing, .keyMalformed, .keyUnknown,
            .keyExpired:
            401
        case .quotaExhausted, .leaseSpent, .balanceExhausted, .trialOver: 402
        case .tokenUnknown, .joinPending, .joinRefused, .certificateRefused, .deviceRevoked, .deviceStolen, .deviceWiped, .devicePaused, .leaseMissing,
            .leaseExpired,
            .leaseInvalid, .notForSale, .accountInactive, .notJoined, .hubUntrusted, .csrfRefused, .roleInsufficient, .emailUnverified, .domainUnproven,
            .accountLapsed,
            .accountSuspended, .accountEnded, .apiPaused, .agreementRequired, .faceDataAgreementRequired, .apiTermsRequired, .agreementDeclined,
            .keyFrozen, .keyRefusesAPI, .keyRefusesAddress, .keyRefusesApplication, .notApplied, .approvalPending, .entitlementPaused,
            .entitlementEnded, .templatesWithheld, .syncFileForeign, .releaseUntrusted:
            403
        case .notFound: 404
        case .methodNotAllowed: 405
        case .domainProofMissing, .agreementChanged, .idempotencyInProgress, .idempotencyAnswerGone, .releaseUnsuitable: 409
        case .idempotencyMismatch: 422
        case .tooManyAttempts, .throttled, .rateLimited: 429
        case .domainProofUnreachable, .mailUndeliverable: 502
        case .conflict, .tokenUsed, .alreadyJoined, .journalFork, .journalRolledBack, .journalGap, .journalTampered, .leaseOverrun: 409
        case .tokenExpired: 410
        case .bodyTooLarge, .imageTooLarge: 413
        case .imageUnsupported, .mediaTypeUnsupported: 415
        case .internalFault, .storeDamaged, .hubMisbehaved, .modelsMissing, .modelsAltered, .engineUnavailable, .storeNewer, .auditBroken, .keysForeign,
            .releaseAltered:
            500
        case .cameraMissing, .cameraNotPermitted, .cameraBusy, .cameraUnsuitable, .cameraFailed: 503
        case .storeBusy, .storeUnavailable, .hubUnreachable, .interrupted, .overloaded: 503
        case .hubTimedOut: 504
        case .storeFull: 507
        }
    }

    /// The process exit code (sysexits.h numbers, which shells and argument parsers already use).
    package var exitCode: Int32 {
        switch self {
        case .invalidRequest, .tokenMalformed, .passwordWeak, .emailInvalid, .mailDomainRefused, .methodNotAllowed, .mediaTypeUnsupported,
            .definitionInvalid, .cameraUnsuitable:
            64
        case .imageEmpty, .imageNotRecognised, .imageUnsupported, .imageTruncated, .imageCorrupt, .imageTooLarge, .bodyTooLarge, .syncFileDamaged,
            .noFace, .severalFaces, .faceTooSmall, .faceBlurred, .faceTurned, .faceTooDark, .faceTooBright, .faceCutOff, .faceUncertain,
            .shotsDisagree, .presentationAttackSuspected, .challengeFailed, .presentationUndetermined:
            65
        case .fileUnreadable, .notFound, .cameraMissing: 66
        case .hubUnreachable, .hubTimedOut, .domainProofUnreachable, .mailUndeliverable: 69
        case .internalFault, .interrupted: 70
        case .storeFull: 73
        case .storeDamaged, .storeUnavailable, .auditBroken, .cameraFailed: 74
        case .storeBusy, .tooManyAttempts, .throttled, .rateLimited, .idempotencyInProgress, .overloaded, .cameraBusy, .joinPending: 75
        case .hubMisbehaved, .conflict, .alreadyJoined, .journalFork, .journalRolledBack, .journalGap, .journalTampered, .leaseOverrun,
            .domainProofMissing, .agreementChanged, .idempotencyMismatch, .idempotencyAnswerGone, .releaseUnsuitable:
            76
        case .tokenUnknown, .tokenUsed, .tokenExpired, .joinRefused, .certificateMissing, .certificateRefused, .deviceRevoked, .deviceStolen, .deviceWiped,
            .devicePaused,
            .hubUntrusted,
            .leaseMissing, .leaseSpent, .leaseExpired, .leaseInvalid, .quotaExhausted, .notForSale, .accountInactive, .notJoined,
            .mailTokenInvalid, .signInRequired, .credentialsWrong, .secondFactorRequired, .secondFactorWrong, .csrfRefused, .roleInsufficient,
            .emailUnverified, .domainUnproven, .accountLapsed, .accountSuspended, .accountEnded, .apiPaused, .agreementRequired,
            .faceDataAgreementRequired, .apiTermsRequired, .agreementDeclined, .keyMissing, .keyMalformed, .keyUnknown, .keyFrozen, .keyExpired,
            .keyRefusesAPI, .keyRefusesAddress, .keyRefusesApplication, .notApplied, .approvalPending, .entitlementPaused, .entitlementEnded,
            .trialOver, .balanceExhausted, .templatesWithheld, .syncFileForeign, .cameraNotPermitted, .releaseUntrusted:
            77
        case .modelsMissing, .modelsAltered, .engineUnavailable, .storeNewer, .keysForeign, .releaseAltered: 78
        }
    }
}
