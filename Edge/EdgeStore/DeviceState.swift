import WireModel

/// What a device does.
package enum DeviceAct: String, CaseIterable, Sendable, Codable {
    case searchLocal = "search its own gallery"
    case searchHub = "search a gallery of the hub's"
    case compare
    case enrol = "enrol"
    case meter
    case sync

    /// Whose lease it spends; `nil` for what spends none, or any.
    package var api: APIName? {
        switch self {
        case .searchLocal, .searchHub: .search
        case .compare: .compare
        case .enrol, .meter, .sync: nil
        }
    }
}

/// In what a device can be. More than one may hold at once: then what any of them refuses is refused.
package enum DeviceState: String, CaseIterable, Sendable, Codable {
    case fresh
    case galleryStale = "gallery_stale"
    case galleryEnded = "gallery_ended"
    case leaseMissing = "lease_missing"
    case leaseSpent = "lease_spent"
    case leaseInGrace = "lease_in_grace"
    case leaseExpired = "lease_expired"
    case diskFull = "disk_full"
    case journalFull = "journal_full"
    case clockInDoubt = "clock_in_doubt"
    case certificateExpired = "certificate_expired"
    case damaged
    case rolledBack = "rolled_back"
    case quarantined
    case paused
    case wiping

    /// The one table of what each state allows: who decides asks it, `status` and the documentation print it.
    package func allows(_ act: DeviceAct) -> Bool {
        switch (self, act) {
        case (.fresh, _), (.galleryStale, _), (.leaseInGrace, _), (.clockInDoubt, _), (.certificateExpired, _): true
        case (.galleryEnded, .searchHub): false
        case (.galleryEnded, _): true
        // Of the API concerned: each has a lease of its own.
        case (.leaseMissing, .enrol), (.leaseMissing, .sync), (.leaseSpent, .enrol), (.leaseSpent, .sync), (.leaseExpired, .enrol), (.leaseExpired, .sync): true
        case (.leaseMissing, _), (.leaseSpent, _), (.leaseExpired, _): false
        // Nothing can be written: not even what a sync brings. What was written is sent once there is room.
        case (.diskFull, _): false
        case (.journalFull, .sync): true
        case (.journalFull, _): false
        case (.paused, .enrol), (.paused, .sync), (.wiping, .sync): true
        case (.paused, _), (.wiping, _): false
        case (.damaged, .enrol), (.damaged, .sync), (.rolledBack, .enrol), (.rolledBack, .sync), (.quarantined, .enrol), (.quarantined, .sync): true
        case (.damaged, _), (.rolledBack, _), (.quarantined, _): false
        }
    }

    /// What the state means.
    package var meaning: String {
        switch self {
        case .fresh: "nothing is in the way"
        case .galleryStale: "a gallery of the hub's is in the last quarter of its term, or still coming"
        case .galleryEnded: "a gallery of the hub's was not refreshed within its term: nobody of it is matched, everybody of it is erased"
        case .leaseMissing: "no lease for the API"
        case .leaseSpent: "the lease's units are used, and its hard limit too"
        case .leaseInGrace: "the lease's term is over, its grace is not: uses are flagged as late"
        case .leaseExpired: "the lease's term and grace are over, by the hub's time"
        case .diskFull: "not even a few pages fit on the disk"
        case .journalFull: "the store has the size allowed and nothing is left to drop"
        case .clockInDoubt: "the wall clock was set back, or lost: leases and galleries end all the same"
        case .certificateExpired: "the device's certificate ended while the hub was out of reach; the next sync brings another, by the device's key"
        case .damaged: "the store was damaged; what could be read was saved and waits for a new journal"
        case .rolledBack: "the store is an old copy: the hub holds more of its journal"
        case .quarantined: "the hub has set the device apart until its operator has looked"
        case .paused: "an operator has paused the device"
        case .wiping: "an operator has ordered the device to erase itself: everybody is erased, the store goes with the next sync"
        }
    }

    package var remedy: String {
        switch self {
        case .fresh: "none is needed"
        case .galleryStale, .galleryEnded, .leaseMissing, .leaseExpired, .leaseInGrace, .damaged: "`vultus-edge sync` while the hub can be reached"
        case .leaseSpent: "`vultus-edge sync`; if the hub grants nothing, the account's quota or balance is used up"
        case .diskFull: "free some space"
        case .journalFull: "`vultus-edge sync` while the hub can be reached, or a larger `storeBytes` for the device's group"
        case .clockInDoubt: "set the clock (`timedatectl set-ntp true`), then `vultus-edge sync`"
        case .certificateExpired: "`vultus-edge sync` while the hub can be reached"
        case .rolledBack:
            "`vultus-edge sync`, which tells the hub; its operator orders a new journal (`device resolve --new-epoch`), and finds out who put the copy back"
        case .quarantined: "ask the operator to resolve the alarm about the device"
        case .paused: "ask the operator to resume it"
        case .wiping: "`vultus-edge sync` while the hub can be reached"
        }
    }

    /// As the documentation has it.
    package static var table: String {
        let acts: [DeviceAct] = DeviceAct.allCases
        let head: [String] = [
            "| state | " + acts.map(\.rawValue).joined(separator: " | ") + " | what it is | what to do |",
            "|---|" + String(repeating: "---|", count: acts.count + 2),
        ]
        let rows: [String] = allCases.map { state in
            "| `\(state.rawValue)` | " + acts.map { state.allows($0) ? "yes" : "no" }.joined(separator: " | ") + " | \(state.meaning) | \(state.remedy) |"
        }
        return (head + rows).joined(separator: "\n")
    }
}

extension DeviceState {
    package init(_ condition: StoredCondition) {
        self =
            switch condition {
            case .quarantined: .quarantined
            case .rolledBack: .rolledBack
            case .damaged: .damaged
            case .paused: .paused
            case .wiping: .wiping
            }
    }

    package init(_ ground: LeaseGround) {
        self =
            switch ground {
            case .missing, .invalid, .notYetValid: .leaseMissing
            case .spent: .leaseSpent
            case .expired: .leaseExpired
            }
    }

    /// - Returns: `nil` for a gallery that is fresh.
    package init?(_ gallery: HeldGallery.State) {
        switch gallery {
        case .fresh: return nil
        case .loading, .ending: self = .galleryStale
        case .ended: self = .galleryEnded
        }
    }
}

extension HeldGallery {
    /// Whether anybody of it may be matched.
    package var isSearchable: Bool { DeviceState(state)?.allows(.searchHub) ?? true }
}
