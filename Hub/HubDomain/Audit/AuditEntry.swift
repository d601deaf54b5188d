import Crypto
import HubStorage
import WireModel

/// One act, in a chain: `hash` covers every other field and the hash before it, so that a changed, dropped or
/// reordered entry shows.
package struct AuditEntry: Sendable, Codable, Hashable {
    /// From 1, without gaps.
    package let seq: Int64
    package let time: Timestamp
    package let actorKind: String
    package let actor: String
    package let address: String
    package let action: String
    package let account: String?
    /// What was acted on: an identifier, never a name.
    package let subject: String
    /// JSON of figures and identifiers; no face, name, secret or mail address.
    package let detail: String
    package let previous: EntryHash
    package let hash: EntryHash

    init(seq: Int64, time: Timestamp, actor: Actor, action: AuditAction, account: AccountID?, subject: String, detail: String, previous: EntryHash) {
        self.seq = seq
        self.time = time
        actorKind = actor.kind.rawValue
        self.actor = actor.id
        address = actor.address
        self.action = action.rawValue
        self.account = account?.rawValue
        self.subject = subject
        self.detail = detail
        self.previous = previous
        hash = Self.hash(
            seq: seq, time: time, actorKind: actor.kind.rawValue, actor: actor.id, address: actor.address, action: action.rawValue,
            account: account?.rawValue, subject: subject, detail: detail, previous: previous)
    }

    init(_ row: SQLRow) throws {
        guard let previous = EntryHash(try row.blob("previous")), let hash = EntryHash(try row.blob("hash")) else { throw HubStorageError.damaged }
        seq = try row.integer("seq")
        time = Timestamp(milliseconds: try row.integer("at_ms"))
        actorKind = try row.text("actor_kind")
        actor = try row.text("actor")
        address = try row.text("address")
        action = try row.text("action")
        account = try row.textOrNil("account_id")
        subject = try row.text("subject")
        detail = try row.text("detail")
        self.previous = previous
        self.hash = hash
    }

    /// Whether the stored hash is that of the stored fields.
    package var isIntact: Bool {
        hash
            == Self.hash(
                seq: seq, time: time, actorKind: actorKind, actor: actor, address: address, action: action, account: account, subject: subject,
                detail: detail, previous: previous)
    }

    private static func hash(
        seq: Int64, time: Timestamp, actorKind: String, actor: String, address: String, action: String, account: String?, subject: String, detail: String,
        previous: EntryHash
    ) -> EntryHash {
        var canonical = CanonicalBytes(domain: "vultus-audit-1")
        canonical.append(seq)
        canonical.append(time.milliseconds)
        for part in [actorKind, actor, address, action, account ?? "", subject, detail] { canonical.append(part) }
        canonical.append(previous.bytes)
        return EntryHash([UInt8](SHA256.hash(data: canonical.bytes)))!  // SHA-256 has 32 bytes
    }
}

/// Every act that is audited.
package enum AuditAction: String, Sendable, CaseIterable {
    case accountRegister = "account.register"
    case accountOpen = "account.open"
    case accountChange = "account.change"
    case accountStanding = "account.standing"
    case accountExport = "account.export"
    case closureRequest = "closure.request"
    case closureWithdraw = "closure.withdraw"
    case closureDecide = "closure.decide"
    case memberInvite = "member.invite"
    case memberJoin = "member.join"
    case memberChange = "member.change"
    case memberRemove = "member.remove"
    case emailVerify = "email.verify"
    case domainProve = "domain.prove"
    case domainFail = "domain.fail"
    case signIn = "session.begin"
    case sessionEnd = "session.end"
    case passwordChange = "password.change"
    case passwordReset = "password.reset"
    case secondFactorOn = "second_factor.on"
    case secondFactorOff = "second_factor.off"
    case recoveryCodeUse = "recovery_code.use"
    case applicationMake = "application.make"
    case applicationArchive = "application.archive"
    case keyMake = "key.make"
    case keyRotate = "key.rotate"
    case keyFreeze = "key.freeze"
    case agreementPublish = "agreement.publish"
    case agreementDecide = "agreement.decide"
    case measureOrder = "measure.order"
    case measureEnd = "measure.end"
    case operatorInvite = "operator.invite"
    case operatorChange = "operator.change"
    case operatorRemove = "operator.remove"
    case settingChange = "setting.change"
    case mailDomainChange = "mail_domain.change"
    case mailShow = "mail.show"
    case galleryMake = "gallery.make"
    case galleryChange = "gallery.change"
    case galleryDelete = "gallery.delete"
    case personAdd = "person.add"
    case personChange = "person.change"
    case personErase = "person.erase"
    case personErasedOnDevice = "person.erased_on_device"
    case templateAdd = "template.add"
    case templateErase = "template.erase"
    case templateRead = "template.read"
    case templateTerms = "template.terms"
    case importOpen = "import.open"
    case importClose = "import.close"
    case applicationConsent = "application.consent"
    case priceSet = "price.set"
    case quotaSet = "quota.set"
    case offerSet = "offer.set"
    case productSet = "product.set"
    case productWithdraw = "product.withdraw"
    case planChoose = "plan.choose"
    case entitlementApply = "entitlement.apply"
    case entitlementDecide = "entitlement.decide"
    case entitlementChange = "entitlement.change"
    case moneyMove = "money.move"
    case creditSet = "credit.set"
    case purchaseMake = "purchase.make"
    case alertSet = "alert.set"
    case alertRemove = "alert.remove"
    case alertRuleAdd = "alert_rule.add"
    case alertRuleRemove = "alert_rule.remove"
    case alertAcknowledge = "alert.acknowledge"
    case incidentMail = "incident.mail"
    case deviceToken = "device.token"
    case deviceTokenWithdraw = "device.token_withdraw"
    case deviceApprove = "device.approve"
    case deviceRefuse = "device.refuse"
    case deviceEnrol = "device.enrol"
    case deviceRevoke = "device.revoke"
    case deviceStolen = "device.stolen"
    case deviceReplace = "device.replace"
    case deviceConfigure = "device.configure"
    case deviceLabel = "device.label"
    case deviceCertificate = "device.certificate"
    case commandIssue = "command.issue"
    case commandCancel = "command.cancel"
    case commandFinish = "command.finish"
    case deviceFile = "device.file"
    case deviceQuarantine = "device.quarantine"
    case deviceResolve = "device.resolve"
    case deviceEpoch = "device.epoch"
    case journalGap = "journal.gap"
    case leaseSettle = "lease.settle"
    case deviceMove = "device.move"
    case groupMake = "group.make"
    case groupConfigure = "group.configure"
    case groupAssign = "group.assign"
    case groupUnassign = "group.unassign"
    case groupDelete = "group.delete"
    case customisationRequest = "customisation.request"
    case customisationQuote = "customisation.quote"
    case customisationAccept = "customisation.accept"
    case customisationDecline = "customisation.decline"
    case customisationRefuse = "customisation.refuse"
    case customisationWithdraw = "customisation.withdraw"
    case customisationLapse = "customisation.lapse"
    case variantOpen = "variant.open"
    case variantVersion = "variant.version"
    case variantEnd = "variant.end"
    case webhookMake = "webhook.make"
    case webhookChange = "webhook.change"
    case webhookRotate = "webhook.rotate"
    case webhookRemove = "webhook.remove"
    case webhookDisable = "webhook.disable"
    case webhookReplay = "webhook.replay"
    case feedbackOpen = "feedback.open"
    case feedbackWrite = "feedback.write"
    case feedbackAnswer = "feedback.answer"
    case announcementMake = "announcement.make"
    case announcementWithdraw = "announcement.withdraw"
    case incidentOpen = "incident.open"
    case incidentUpdate = "incident.update"
    case releasePublish = "release.publish"
    case releaseWithdraw = "release.withdraw"
    case rolloutStart = "rollout.start"
    case rolloutPause = "rollout.pause"
    case rolloutResume = "rollout.resume"
    case rolloutAdvance = "rollout.advance"
    case rolloutCancel = "rollout.cancel"
    case rolloutReturn = "rollout.return"
    case hubRestore = "hub.restore"
    case hubCopy = "hub.copy"
    case hubBackup = "hub.backup"
}
