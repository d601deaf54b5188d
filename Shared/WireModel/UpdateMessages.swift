/// What the hub wants a device to run: told with every answer as long as it holds. A device that hears nothing begins nothing.
package struct WantedRelease: Sendable, Codable, Hashable {
    package let rollout: RolloutID
    /// Whose manifest and files `GET /edge/v1/releases/{release}` gives.
    package let release: ReleaseID
    package let kind: ReleaseKind
    package let version: ReleaseNumber
    /// The device is to go back to what it ran before `version`. No release is fetched for it, and none but that can be meant.
    package let goesBack: Bool
    /// What it must show beside the models that decide, before it is tried; `nil`: it is tried at once.
    package let shadow: ShadowPolicy?

    package init(
        rollout: RolloutID, release: ReleaseID, kind: ReleaseKind, version: ReleaseNumber, goesBack: Bool = false, shadow: ShadowPolicy? = nil
    ) {
        self.rollout = rollout
        self.release = release
        self.kind = kind
        self.version = version
        self.goesBack = goesBack
        self.shadow = shadow
    }
}

/// How far a device is with a release.
package enum UpdateState: String, Sendable, Codable, CaseIterable {
    /// It is wanted; the link, the day's bytes or the disk do not allow it yet.
    case waiting
    case downloading
    /// Whole and verified, beside what runs.
    case staged
    /// Models that look at what is decided on, and do not decide: how far they are is in ``UpdateReport/shadow``. Never on the wire, see
    /// ``UpdateReport/told``.
    case shadowing
    /// It runs, and has yet to show that it works.
    case trying
    case confirmed
    /// It did not work: what ran before runs again.
    case rolledBack = "rolled_back"
    /// Not begun with: who signed it, its platform, its version or its end speak against it.
    case refused

    /// Nothing more comes of it by itself.
    package var isEnd: Bool { [.confirmed, .rolledBack, .refused].contains(self) }
}

/// What a device says of one kind of release: what runs, and how far it is with what is wanted.
package struct UpdateReport: Sendable, Codable, Hashable {
    package let kind: ReleaseKind
    /// As ``ReleaseManifest/platform``.
    package let platform: String
    /// What runs; `nil` for what was installed with the package, which no release has replaced.
    package let version: ReleaseNumber?
    package let rollout: RolloutID?
    package let state: UpdateState?
    package let doneBytes: Int64?
    package let totalBytes: Int64?
    /// Why it waits, was refused or rolled back.
    package let reason: String?
    /// What the rollout was: the way back from it, rather than to it.
    package let goesBack: Bool?
    /// Of models that were, or are, shadowed for that rollout: what was compared.
    package let shadow: ShadowProgress?
    /// This agent shadows models before it tries them, where that is wanted; `nil` from one that does not.
    package let canShadow: Bool?

    package static let longestReason: Int = 300

    package init(
        kind: ReleaseKind, platform: String, version: ReleaseNumber?, rollout: RolloutID? = nil, state: UpdateState? = nil, doneBytes: Int64? = nil,
        totalBytes: Int64? = nil, reason: String? = nil, goesBack: Bool? = nil, shadow: ShadowProgress? = nil, canShadow: Bool? = nil
    ) {
        self.kind = kind
        self.platform = platform
        self.version = version
        self.rollout = rollout
        self.state = state
        self.doneBytes = doneBytes
        self.totalBytes = totalBytes
        self.reason = reason.map { String($0.prefix(Self.longestReason)) }
        self.goesBack = goesBack
        self.shadow = shadow
        self.canShadow = canShadow
    }

    /// It is being compared with what decides.
    package var isShadowing: Bool { state == .shadowing || (state == .staged && shadow.map { $0.compared < $0.faces } ?? false) }

    /// As it is sent: a hub from before shadows, which a backup may bring back, would refuse a sync with a state that it does not know.
    package var told: UpdateReport {
        guard state == .shadowing else { return self }
        return UpdateReport(
            kind: kind, platform: platform, version: version, rollout: rollout, state: .staged, doneBytes: doneBytes, totalBytes: totalBytes, reason: reason,
            goesBack: goesBack, shadow: shadow, canShadow: canShadow)
    }
}

/// What this program runs on, as releases name it.
package enum Platform {
    #if arch(x86_64)
        package static let current: String = "linux-x86_64"
    #elseif arch(arm64)
        package static let current: String = "linux-aarch64"
    #else
        package static let current: String = "linux-other"
    #endif
}
