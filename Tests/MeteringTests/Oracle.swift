import HubDomain
import WireModel

/// Books of the test's own, kept from the answers it saw and nothing else.
actor Oracle {
    /// A call that may be repeated.
    struct Call: Sendable {
        let key: String
        let body: String
        /// As it was first answered.
        let answer: [UInt8]
    }

    /// Units that answers named.
    private(set) var units: Int64 = 0
    /// Of them, those of devices.
    private(set) var deviceUnits: Int64 = 0
    /// Calls without a key whose answer was lost: each may have been charged, or not.
    private(set) var doubts: Int64 = 0
    /// Millionths that came and went beside charges.
    private(set) var money: Int64 = 0
    private(set) var packUnits: Int64 = 0
    private(set) var answered: [Call] = []
    /// Begun with a key, and not answered yet.
    private(set) var pending: [Call] = []
    private(set) var operations: Int = 0
    /// Nobody does anything any more.
    private(set) var isOver: Bool = false
    private(set) var seen: [String: Int] = [:]
    private(set) var contradictions: [String] = []

    func note(_ what: String) { seen[what, default: 0] += 1 }

    func finish(_ what: String) {
        operations += 1
        note(what)
    }

    func end() { isOver = true }

    func contradict(_ what: String) { contradictions.append(what) }

    func charge(_ units: Int64) { self.units += units }

    func chargeDevice(_ units: Int64) { (self.units, deviceUnits) = (self.units + units, deviceUnits + units) }

    func doubt() { doubts += 1 }

    func move(_ millionths: Int64) { money += millionths }

    func bought(units: Int64, for millionths: Int64) { (packUnits, money) = (packUnits + units, money - millionths) }

    func keep(_ call: Call) { answered.append(call) }

    func postpone(_ call: Call) { pending.append(call) }

    func takePending() -> [Call] {
        defer { pending = [] }
        return pending
    }
}
