/// The body of an `erasure` entry: the receipt for one person, or for all that a gallery held.
package struct ErasureRecord: Sendable, Codable, Hashable {
    /// Why.
    package enum Ground: String, Sendable, Codable {
        /// Somebody at the device asked for it, or a term of its own ended there.
        case local
        /// The hub's changes said so.
        case hub
        /// The gallery was not refreshed within its term.
        case leaseEnded = "lease_ended"
        /// The gallery is no longer assigned to the device.
        case withdrawn
    }

    /// `nil` when everybody of `gallery` went.
    package let person: PersonID?
    /// `nil` for the device's own gallery.
    package let gallery: GalleryID?
    package let ground: Ground?
    /// How many, where everybody of a gallery went.
    package let persons: Int64?

    package init(person: PersonID?, gallery: GalleryID? = nil, ground: Ground? = nil, persons: Int64? = nil) {
        self.person = person
        self.gallery = gallery
        self.ground = ground
        self.persons = persons
    }
}

/// The body of a `lease` entry.
package struct LeaseEvent: Sendable, Codable, Hashable {
    package enum Kind: String, Sendable, Codable {
        /// The device holds this lease from now on. With the lease as the hub signed it, so that a hub that was restored from a
        /// backup can take its own word for what it no longer knows.
        case installed
        /// The device spends nothing more of this API until it has a new lease: what is left goes back.
        case returned
    }

    package let kind: Kind
    package let api: APIName
    /// For `installed`.
    package let lease: SignedLease?
    /// Units of the API that were spent in this journal when the event happened.
    package let spent: Int64

    package init(_ kind: Kind, api: APIName, lease: SignedLease?, spent: Int64) {
        self.kind = kind
        self.api = api
        self.lease = lease
        self.spent = spent
    }
}

/// The body of a `gap` entry: entries `from` to the entry's own place are lost.
package struct GapRecord: Sendable, Codable, Hashable {
    package enum Ground: String, Sendable, Codable {
        /// The store was damaged.
        case damaged
        /// Health reports were thinned out for want of space; they cost nothing.
        case thinned
    }

    package let from: Int64
    package let ground: Ground
    /// Units that the device's own count says were spent by the lost entries, by API. Nobody is billed for them: an operator decides.
    package let units: [String: Int64]
    /// Units that the device's own count says were spent in this journal up to the entry's own place, by API: more than one gap may stand
    /// for entries that the hub holds, and only this tells how many of `units` it has. `nil` where no count is known.
    package let spent: [String: Int64]?

    package init(from: Int64, ground: Ground, units: [String: Int64], spent: [String: Int64]? = nil) {
        self.from = from
        self.ground = ground
        self.units = units
        self.spent = spent
    }
}

/// The body of a `health` entry, and what a sync tells of now.
package struct HealthRecord: Sendable, Codable, Hashable {
    /// Codes of the device's states, `fresh` when there is nothing to say.
    package let states: [String]
    /// On the disk the store is on.
    package let freeBytes: Int64
    package let storeBytes: Int64
    /// How far the wall clock is behind what has passed since the last contact.
    package let clockSetBackMilliseconds: Int64
    /// Of live sources since the last report; `nil` when nothing was decided.
    package let decisions: DecisionLatency?
    /// `nil` from an agent that does not tell.
    package let vitals: DeviceVitals?

    package init(
        states: [String], freeBytes: Int64, storeBytes: Int64, clockSetBackMilliseconds: Int64, decisions: DecisionLatency? = nil, vitals: DeviceVitals? = nil
    ) {
        self.states = states
        self.freeBytes = freeBytes
        self.storeBytes = storeBytes
        self.clockSetBackMilliseconds = clockSetBackMilliseconds
        self.decisions = decisions
        self.vitals = vitals
    }
}

/// From the arrival of a passage's first good frame to its journaled decision.
package struct DecisionLatency: Sendable, Codable, Hashable {
    package let count: Int64
    package let medianMilliseconds: Int64
    package let p99Milliseconds: Int64

    package init(count: Int64, medianMilliseconds: Int64, p99Milliseconds: Int64) {
        self.count = count
        self.medianMilliseconds = medianMilliseconds
        self.p99Milliseconds = p99Milliseconds
    }
}
