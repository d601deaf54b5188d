import WireModel

extension EdgeStoreError: ProblemConvertible {
    package var problem: Problem {
        switch self {
        case .busy(let path):
            Problem(.storeBusy, "The device's store is in use by another process.", detail: path, remedy: "Wait a moment and run the command again.")
        case .full(let path):
            Problem(
                .storeFull, "The disk is full: what was asked could not be written down, so it was not done.", detail: path,
                remedy: "Free some space and run the command again; what was recorded before is intact.")
        case .journalFull(let used, let limit):
            Problem(
                .storeFull, "The journal is full: the decision could not be journaled, so it was not given.",
                detail: "\(used) bytes of \(limit) are in use, and the hub does not hold them yet",
                remedy: "Run `vultus-edge sync` while the hub can be reached: what it holds makes room. Nothing was overwritten.")
        case .newer(let path, let found, let supported):
            Problem(
                .storeNewer, "The device's store was written by a newer Vultus.", detail: "\(path): schema \(found), this program knows \(supported)",
                remedy: "Install the newer version, or name another directory with --data.")
        case .oneWay(let path, let found, let oldest):
            Problem(
                .releaseUnsuitable, "The release would change the store so that what ran before could not use it.",
                detail: "\(path): schema \(found), programs of schema \(oldest) and later could",
                remedy: "Install it by hand, with no way back, or roll out one between.")
        case .damaged(let path, let what):
            Problem(
                .storeDamaged, "The device's store is damaged.", detail: "\(path): \(what)",
                remedy: "End what has it open and run `vultus-edge recover`: the old files are kept, and what reads and proves is carried over.")
        case .unavailable(let path, let code):
            Problem(
                .storeUnavailable, "The device's store cannot be opened or written.", detail: "\(path): SQLite code \(code)",
                remedy: "Check that the directory exists, is writable for this user, and that the disk is healthy.")
        case .notJoined:
            Problem(
                .notJoined, "This device has not joined a hub.",
                remedy: "Ask the operator for a join token (`vultus-hub device token`) and run `vultus-edge join`.")
        case .alreadyJoined(let hub):
            Problem(.alreadyJoined, "This device has joined a hub already.", detail: hub, remedy: "Use another --data directory to make a second device.")
        case .wiped(let time, let hub):
            Problem(
                .deviceWiped, "This device was wiped by order of its hub.", detail: "\(hub), \(time)",
                remedy: "Ask the operator for a new join token and run `vultus-edge join`.")
        case .absent(let what):
            Problem(.notFound, "There is no such \(what).", remedy: "Check the identifier against the list.")
        case .labelTaken:
            Problem(.conflict, "The gallery has a person of that label.", remedy: "Ask for the person by ?label=, or choose another label.")
        case .importClosed:
            Problem(.conflict, "The import is closed and takes no more rows.", remedy: "Begin another.")
        case .refused(let ground):
            ground.problem
        case .halted(let state):
            state.problem
        case .statement(let code):
            Problem(.internalFault, "The store refused a statement.", detail: "SQLite code \(code)", remedy: "Run `vultus-edge doctor` and report its output.")
        }
    }
}

extension LeaseGround {
    package var problem: Problem {
        switch self {
        case .missing(let api):
            Problem(.leaseMissing, "This device holds no lease for \(api).", remedy: "Run `vultus-edge sync` while the hub can be reached.")
        case .spent(let api, let ceiling, let spent):
            Problem(
                .leaseSpent, "The lease for \(api) is spent.", detail: "\(spent) of \(ceiling) units used",
                remedy: "Run `vultus-edge sync` to renew it; if the hub grants nothing, the account's quota is used up.")
        case .expired(let api, let notAfter):
            Problem(
                .leaseExpired, "The lease for \(api) has expired.", detail: "it ended \(notAfter)",
                remedy: "Run `vultus-edge sync` while the hub can be reached.")
        case .notYetValid(let api, let notBefore):
            Problem(
                .leaseInvalid, "The lease for \(api) is not valid yet.", detail: "it begins \(notBefore)",
                remedy: "Check the device's clock, then run `vultus-edge sync`.")
        case .invalid(let api):
            Problem(
                .leaseInvalid, "The stored lease for \(api) is not one the hub gave to this device.",
                remedy: "Run `vultus-edge sync` to fetch it again; if it stays, the store was altered.")
        }
    }
}
