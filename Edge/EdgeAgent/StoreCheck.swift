import EdgeStore
import ServiceSupport
import WireModel

/// Looks through the whole store now and then, on a connection of its own, so that nobody waits for it.
actor StoreCheck {
    private let executor = BlockingExecutor(label: "vultus.store-check")
    private let directory: String
    private let clock: any TimeSource

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(directory: String, clock: any TimeSource) {
        self.directory = directory
        self.clock = clock
    }

    /// - Throws: `.damaged`; then the store is set aside when it is next opened.
    func run() throws {
        let store = try EdgeStore(directory: directory, clock: clock, recovers: false)
        guard let fault = try store.fullFault() else { return }
        try store.suspect(fault)
        throw EdgeStoreError.damaged(path: store.path, what: fault)
    }
}
