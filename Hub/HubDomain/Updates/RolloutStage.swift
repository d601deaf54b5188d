import Crypto
import WireModel

/// Who is added to a roll-out when it comes to this stage: of a ring, a share.
package struct RolloutStage: Sendable, Codable, Hashable {
    /// Only devices of this group.
    package let group: DeviceGroupID?
    /// Only devices with this label, `name` or `name=value`.
    package let label: String?
    /// 1…100 of those.
    package let percent: Int64
    /// The next stage begins by itself after so long, when enough have tried it; `nil`: when the operator says so.
    package let waitMilliseconds: Int64?

    package init(group: DeviceGroupID? = nil, label: String? = nil, percent: Int64, waitMilliseconds: Int64? = nil) {
        self.group = group
        self.label = label
        self.percent = percent
        self.waitMilliseconds = waitMilliseconds
    }

    package static let most: Int = 20

    func check() throws(Problem) {
        guard (1...100).contains(percent), label.map({ (1...141).contains($0.count) && !$0.hasPrefix("=") }) ?? true,
            waitMilliseconds.map({ (60_000...90 * 86_400_000).contains($0) }) ?? true
        else {
            throw Problem(
                .invalidRequest, "That is no stage of a roll-out.", detail: "\(percent) %",
                remedy: "Give 1 to 100 percent, and a wait of a minute to 90 days, or none.")
        }
    }

    /// Where a device stands among all, 0…9999: the same in every stage of one release, another for another release, so that it is not
    /// always the same who take the risk.
    static func place(of device: DeviceID, in release: ReleaseID) -> Int64 {
        var canonical = CanonicalBytes(domain: "vultus rollout place 1")
        canonical.append(release.rawValue)
        canonical.append(device.rawValue)
        let number: UInt64 = SHA256.hash(data: canonical.bytes).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        return Int64(number % 10_000)
    }

    func includes(_ device: DeviceID, group: DeviceGroupID?, labels: [String: String], release: ReleaseID) -> Bool {
        guard self.group == nil || self.group == group else { return false }
        if let label {
            let parts: [Substring] = label.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let value = labels[String(parts[0])], parts.count == 1 || value == parts[1] else { return false }
        }
        return Self.place(of: device, in: release) < percent * 100
    }
}
