import EdgeStore
import EdgeSync
import HubDomain
import ServiceSupport
import TestKit
import WireModel

/// A served hub with an account, prices and quotas, that real devices join and sync with over libcurl.
final class JoinableHub: Sendable {
    let served: ServedHub

    init(clock: any TimeSource = SystemClock()) async throws {
        served = try await ServedHub(clock: clock)
        _ = try await hub.openTestAccount()
        _ = try await hub.setCredit(try Money("1000", currency: "CNY"), account: "Acme", by: .test)
        for api in APIName.onDevice {
            _ = try await hub.setPrice(
                api: api, unitPrice: try Money("0.01", currency: "CNY"), effective: nil,
                lease: LeaseTerms(units: 100, termMilliseconds: 86_400_000, whenExhausted: .refuse, hardLimit: 0), by: .test)
            _ = try await hub.setQuota(account: "Acme", api: api, units: 1_000, by: .test)
        }
    }

    var hub: Hub { served.hub }
    var url: String { served.url }
    var folder: String { served.folder }

    func token() async throws -> String { try await hub.issueToken(account: "Acme", lifetime: .seconds(60), by: .test).token }

    /// A device's store, joined.
    func device(_ name: String = "edge", clock: any TimeSource = SystemClock()) async throws -> EdgeStore {
        let store = try EdgeStore(directory: folder + "/" + name, clock: clock)
        _ = try await DeviceEnrolment(store: store).join(hub: url, token: try await token(), label: name)
        return store
    }

    func units() async throws -> Int64 {
        try await hub.usage(account: "Acme").reduce(0) { $0 + $1.units }
    }
}

let decision = DecisionDraft(
    api: .search, units: 1,
    record: DecisionRecord(outcome: .unknown, person: nil, score: nil, threshold: 0.5, falseMatchRate: 1e-5, model: "m", refusals: [], overdraft: false))
