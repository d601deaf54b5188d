import CPowerVFS
import Foundation

/// A directory of SQLite files whose power fails at seeded moments: see `power.h`. Each failure leaves an image of what the
/// disk could hold, for the production code to open.
final class PowerSupply {
    /// Faults that the suite must find.
    enum Plant: String, CaseIterable {
        /// fsync does nothing.
        case lostSyncs
        /// Connections that ask for `synchronous=FULL` get `NORMAL`.
        case normal
    }

    struct Image {
        let folder: String
        /// What had been acknowledged.
        let mark: Int
    }

    private let supply: OpaquePointer
    private let root: String
    private let images: String
    /// The journal's mark as it was when a step was acknowledged, which is never later than the database it lies beside.
    private var journalMarks: [Int: Data] = [:]

    /// - Parameters:
    ///   - root: made here, and watched from its first file on.
    ///   - images: made here too.
    init(root: String, images: String, seed: UInt64, plant: Plant? = nil) throws {
        guard power_install() == 0, let supply = power_watch(root, images, seed) else { throw CocoaError(.featureUnsupported) }
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        try FileManager.default.createDirectory(atPath: images, withIntermediateDirectories: true)
        (self.supply, self.root, self.images) = (supply, root, images)
        if plant == .lostSyncs { power_plant_lost_syncs(supply, 1) }
        if plant == .normal { power_plant_normal(supply, 1) }
    }

    /// - Parameter changes: on average between two failures; 0 is never.
    func fail(every changes: CInt) { power_fail_every(supply, changes) }

    /// What was returned to a caller by now: each later image must hold it.
    func acknowledge(_ mark: Int) {
        journalMarks[mark] = FileManager.default.contents(atPath: root + "/" + Self.journalHead)
        power_acknowledge(supply, Int64(mark))
    }

    private static let journalHead: String = "journal-head"

    var count: Int { Int(power_image_count(supply)) }

    /// The images, each completed with the files that were not written through SQLite: those are written with `PrivateFiles`,
    /// synced and renamed, before anything needs them.
    func takeImages() throws -> [Image] {
        let files = FileManager.default
        let others: [String] = try files.contentsOfDirectory(atPath: root).filter { !$0.contains(".sqlite") && $0 != Self.journalHead }
        return try (0..<count).map { number in
            let folder: String = images + "/\(number + 1)"
            for name in others { try files.copyItem(atPath: root + "/" + name, toPath: folder + "/" + name) }
            let mark: Int = Int(power_image_mark(supply, CInt(number + 1)))
            try journalMarks[mark]?.write(to: URL(filePath: folder + "/" + Self.journalHead))
            return Image(folder: folder, mark: mark)
        }
    }
}
