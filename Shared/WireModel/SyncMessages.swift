/// One round trip of a device with its hub (`POST /edge/v1/sync`, mutual TLS): journal up; acknowledgements, leases, changes and
/// the hub's time down. There is no field that could carry a template or a picture up.
package struct SyncRequest: Sendable, Codable {
    package let agentVersion: String
    /// The last entry of this batch, or of the journal when the batch is empty.
    package let head: JournalHead
    /// ECDSA P-256 over ``JournalHead/signedBytes(device:)``, raw form, 64 bytes.
    package let headSignature: Base64
    /// In order, contiguous; at most ``SyncLimits/entries``.
    package let entries: [JournalEntry]
    /// The number of the newest lease held, by API; an API without a lease is wanted with number 0.
    package let leases: [HeldLease]
    package let deviceTime: Timestamp
    /// How far the hub said this device's clock was from its own; `nil` before it did. A request whose time is neither the hub's nor
    /// off by as much may have been on its way for long: see ``SyncResponse/isClockUnconfirmed``.
    package let clockSkewMilliseconds: Int64?
    /// The hub epoch the device last heard of.
    package let hubEpoch: Int64
    /// `nil` from an agent that takes no changes.
    package let feed: FeedState?
    /// The device cannot go on with this journal and asks for another.
    package let newEpoch: EpochRequest?
    /// The device's store is an old copy, and it has stopped. Believed only of the head that is signed here.
    package let rollBack: RollBackReport?
    /// What became of commands, until the hub has taken it in.
    package let receipts: [CommandReceipt]?
    /// `nil` from an agent that does not tell.
    package let reported: ReportedState?
    /// How the device is now; not with every sync (``HealthPace``).
    package let health: HealthRecord?
    /// The mark of the announcements the device holds, empty for none; `nil` from an agent that shows none.
    package let announcements: String?

    package init(
        agentVersion: String, head: JournalHead, headSignature: Base64, entries: [JournalEntry], leases: [HeldLease],
        deviceTime: Timestamp, clockSkewMilliseconds: Int64? = nil, hubEpoch: Int64, feed: FeedState? = nil, newEpoch: EpochRequest? = nil,
        rollBack: RollBackReport? = nil, receipts: [CommandReceipt]? = nil, reported: ReportedState? = nil, health: HealthRecord? = nil,
        announcements: String? = nil
    ) {
        self.agentVersion = agentVersion
        self.head = head
        self.headSignature = headSignature
        self.entries = entries
        self.leases = leases
        self.deviceTime = deviceTime
        self.clockSkewMilliseconds = clockSkewMilliseconds
        self.hubEpoch = hubEpoch
        self.feed = feed
        self.newEpoch = newEpoch
        self.rollBack = rollBack
        self.receipts = receipts
        self.reported = reported
        self.health = health
        self.announcements = announcements
    }
}

/// Asks for a new journal after the old one's last entry that could be saved was sent: its store was damaged.
package struct EpochRequest: Sendable, Codable, Hashable {
    /// The journal that ends.
    package let ended: Int64
    /// Units spent in it by the device's own count, by API, where that count could be saved: what no entry accounts for was lost.
    package let spent: [String: Int64]?

    package init(ended: Int64, spent: [String: Int64]?) {
        self.ended = ended
        self.spent = spent
    }
}

/// A device met a hub that holds more of its journal than it does itself: an old image of its disk was put back.
package struct RollBackReport: Sendable, Codable, Hashable {
    package let epoch: Int64
    /// The last entry the device has.
    package let seq: Int64
    /// The last entry the hub has, by its answer.
    package let acknowledged: Int64
    /// The hub's time of that answer: what it said before its operator looked is no news afterwards.
    package let heard: Timestamp

    package init(epoch: Int64, seq: Int64, acknowledged: Int64, heard: Timestamp) {
        self.epoch = epoch
        self.seq = seq
        self.acknowledged = acknowledged
        self.heard = heard
    }
}

package struct HeldLease: Sendable, Codable, Hashable {
    package let api: APIName
    package let number: Int64

    package init(api: APIName, number: Int64) {
        self.api = api
        self.number = number
    }
}

package enum SyncLimits {
    /// Entries in one request.
    package static let entries: Int = 500
    /// Bytes of one request's body.
    package static let bytes: Int = 4 * 1024 * 1024
    /// How far two clocks may be apart and still count as the same, milliseconds.
    package static let clockTolerance: Int64 = 120_000
}

/// What became of one entry.
package enum EntryOutcome: String, Sendable, Codable {
    /// New, and in the hub's books.
    case accepted
    /// Already in the hub's books with the same hash: a success.
    case duplicate
    /// Not billed; `code` says why.
    case rejected
}

package struct EntryAnswer: Sendable, Codable, Hashable {
    package let seq: Int64
    package let outcome: EntryOutcome
    /// For `rejected`: why, in the vocabulary of problem codes.
    package let code: ProblemCode?

    package init(seq: Int64, outcome: EntryOutcome, code: ProblemCode? = nil) {
        self.seq = seq
        self.outcome = outcome
        self.code = code
    }
}

package struct SyncResponse: Sendable, Codable {
    package let answers: [EntryAnswer]
    /// The journal epoch the watermarks below speak of. When it is not the device's, the device begins that journal, from entry 1.
    package let journalEpoch: Int64
    /// Highest sequence up to which the hub holds every entry.
    package let acknowledgedThrough: Int64
    /// Highest sequence that is also in the hub's backup; a device may forget entries up to here.
    package let backedUpThrough: Int64
    package let leases: [SignedLease]
    /// APIs wanted that the hub grants nothing for, with the reason.
    package let refusals: [LeaseRefusal]
    package let hubEpoch: Int64
    package let time: Timestamp
    /// How far the device's clock was from the hub's when the request came; positive when the device is ahead.
    package let clockSkewMilliseconds: Int64
    /// Nothing of the request was looked at but its signature: its time is off by something else than the device says it knows of. The
    /// device sends it again, with ``clockSkewMilliseconds``; where nobody waits for this answer, the request came too late to be dated.
    package let isClockUnconfirmed: Bool?
    /// Ed25519 by the lease key over ``signedTimeBytes(device:head:time:)``: a time that was really the hub's, kept with the device's clock.
    package let timeSignature: Base64?
    /// When to come again, jitter included; `nil`: as the device thinks fit.
    package let nextContactMilliseconds: Int64?
    /// Why this device gets nothing more until an operator looks; `nil` when all is well.
    package let quarantine: ProblemCode?
    package let feed: FeedPage?
    /// Commands that no receipt has come for.
    package let commands: [RemoteCommand]?
    /// Receipts of this request that the hub holds now.
    package let receiptsTaken: [CommandID]?
    /// Where they are others than the device holds.
    package let announcements: DeviceAnnouncements?
    /// What the device is to run; `nil`: as it is.
    package let releases: [WantedRelease]?

    package init(
        answers: [EntryAnswer], journalEpoch: Int64, acknowledgedThrough: Int64, backedUpThrough: Int64, leases: [SignedLease],
        refusals: [LeaseRefusal], hubEpoch: Int64, time: Timestamp, clockSkewMilliseconds: Int64, isClockUnconfirmed: Bool? = nil,
        timeSignature: Base64? = nil, nextContactMilliseconds: Int64? = nil, quarantine: ProblemCode? = nil, feed: FeedPage? = nil,
        commands: [RemoteCommand]? = nil, receiptsTaken: [CommandID]? = nil, announcements: DeviceAnnouncements? = nil,
        releases: [WantedRelease]? = nil
    ) {
        self.answers = answers
        self.journalEpoch = journalEpoch
        self.acknowledgedThrough = acknowledgedThrough
        self.backedUpThrough = backedUpThrough
        self.leases = leases
        self.refusals = refusals
        self.hubEpoch = hubEpoch
        self.time = time
        self.clockSkewMilliseconds = clockSkewMilliseconds
        self.isClockUnconfirmed = isClockUnconfirmed
        self.timeSignature = timeSignature
        self.nextContactMilliseconds = nextContactMilliseconds
        self.quarantine = quarantine
        self.feed = feed
        self.commands = commands
        self.receiptsTaken = receiptsTaken
        self.announcements = announcements
        self.releases = releases
    }

    /// - Parameter head: the head the device sent, which makes the answer of this exchange and no other.
    package static func signedTimeBytes(device: DeviceID, head: JournalHead, time: Timestamp) -> [UInt8] {
        var canonical = CanonicalBytes(domain: "vultus hub time 1")
        canonical.append(head.signedBytes(device: device))
        canonical.append(time.milliseconds)
        return canonical.bytes
    }
}

package struct LeaseRefusal: Sendable, Codable, Hashable {
    package let api: APIName
    package let code: ProblemCode

    package init(api: APIName, code: ProblemCode) {
        self.api = api
        self.code = code
    }

    /// A hub may know more reasons than this agent does; the device then knows that it gets nothing, and goes on.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        api = try container.decode(APIName.self, forKey: .api)
        code = ProblemCode(rawValue: try container.decode(String.self, forKey: .code)) ?? .accountInactive
    }
}
