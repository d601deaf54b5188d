import GRDB
import ServiceSupport
import WireModel

/// Says that a device was wiped: nobody opens or writes its store any more, until it joins anew.
struct WipedMark: Codable, Sendable {
    /// By the wall clock.
    let wiped: Timestamp
    let hub: String

    var error: EdgeStoreError { .wiped(at: wiped, hub: hub) }

    static func read(_ files: StoreFiles) throws -> WipedMark? {
        try PrivateFiles.read(files.wiped).map { (try? JSON.value(WipedMark.self, from: $0)) ?? WipedMark(wiped: Timestamp(milliseconds: 0), hub: "") }
    }
}

extension EdgeStore {
    /// Removes the store: the key that opens it first, overwritten, then every file. Safe to interrupt: the mark comes before everything, and
    /// whoever opens the directory again goes on.
    /// - Returns: what whoever asks the store from now on is told.
    @discardableResult
    package func destroy() throws -> EdgeStoreError {
        let hub: String = (try? identity().hub) ?? ""
        let mark = WipedMark(wiped: clock.now().wall, hub: hub)
        try PrivateFiles.write(try JSON.bytes(mark), to: files.wiped)
        try Self.removeAll(files)
        try? queue.close()
        return mark.error
    }

    static func removeAll(_ files: StoreFiles) throws {
        for key in [files.masterKey, files.draftKey] where try PrivateFiles.exists(key) {
            try PrivateFiles.overwrite(key)
            PrivateFiles.remove(key)
        }
        for name in try PrivateFiles.names(in: files.directory) where files.isOurs(name) { PrivateFiles.remove(files.directory + "/" + name) }
    }
}
