import EdgeUpdate
import Foundation
import ReleaseFiles
import TestKit
import WireModel

/// A device that takes a release as the agent does, and starts what the launcher would; programs are files that work or do not.
struct UpdatedDevice {
    enum Way: String, CaseIterable, Sendable {
        /// From one release to the next.
        case forward
        /// From what was installed to the first release.
        case first
        /// Back from the second to the first, by the hub's order.
        case back
        /// Other models, under the same program; they look on first.
        case models
    }

    struct Stuck: Error {}

    let root: String
    let way: Way
    /// Whether what is tried works.
    let works: Bool
    let rollout = RolloutID(at: Timestamp(milliseconds: 1))
    let workshop: ReleaseWorkshop
    let old: ReleaseWorkshop.Made
    let new: ReleaseWorkshop.Made

    init(_ way: Way, works: Bool) throws {
        self.way = way
        self.works = works
        workshop = try ReleaseWorkshop()
        root = workshop.folder + "/device"
        let kind: ReleaseKind = way == .models ? .models : .agent
        old = try workshop.make(kind, "1.0.0")
        new = try workshop.make(kind, "2.0.0")
        let folder = UpdateFolder(root, disk: QuickDisk())
        try folder.prepare()
        _ = try folder.trust(workshop.keyFile)
        if way != .first { try bring(old, folder) }
        if way == .back { try bring(new, folder) }
    }

    /// In use, and confirmed.
    private func bring(_ made: ReleaseWorkshop.Made, _ folder: UpdateFolder) throws {
        try receive(made, folder)
        try folder.mark(try made.manifest.kind, to: try made.manifest.version, rollout: nil)
        try folder.confirm(try folder.next().trial!)
    }

    var kind: ReleaseKind { way == .models ? .models : .agent }
    var wanted: WantedRelease {
        get throws {
            let wanted: WantedRelease = try new.wanted(rollout, goesBack: way == .back)
            guard way == .models else { return wanted }
            return WantedRelease(
                rollout: rollout, release: wanted.release, kind: .models, version: wanted.version, shadow: ShadowPolicy(faces: 3, disagreementPermille: 0))
        }
    }
    /// Where it is before, and where it is to come to.
    var before: ReleaseNumber? { way == .first ? nil : ReleaseNumber(rawValue: way == .back ? "2.0.0" : "1.0.0") }
    var after: ReleaseNumber? { ReleaseNumber(rawValue: way == .back ? "1.0.0" : "2.0.0") }

    private func receive(_ made: ReleaseWorkshop.Made, _ folder: UpdateFolder) throws {
        let manifest: ReleaseManifest = try made.manifest
        if folder.isStaged(manifest.kind, manifest.version, made.signed.id) { return }
        for _ in 0..<20 {
            let incoming: IncomingRelease = try folder.incomingRelease(made.signed.id) ?? folder.begin(made.signed, at: Timestamp(milliseconds: 5_000))
            guard let file = manifest.files.first(where: { incoming.received($0) < $0.bytes }) else {
                do { return try folder.finish(incoming) } catch let problem as Problem where problem.code == .releaseAltered { continue }
            }
            let offset = Int(incoming.received(file))
            try folder.append(Array(made.files[file.path]![offset...].prefix(5)), to: file, of: incoming, at: Int64(offset))
        }
        throw Stuck()
    }

    /// What the running agent does, until it ends for the new one to be tried.
    func agent(_ disk: any ReleaseDisk) throws {
        let folder = UpdateFolder(root, disk: disk)
        try folder.want([try wanted])
        guard try folder.trial() == nil, try folder.record(kind).outcome?.rollout != rollout else { return }
        if way == .back {
            try folder.mark(kind, to: try folder.record(kind).previous?.version, rollout: rollout, goesBack: true)
        } else {
            try receive(new, folder)
            try lookOn(folder)
            try folder.mark(kind, to: try new.manifest.version, rollout: rollout)
        }
    }

    /// A face after another, each written down.
    private func lookOn(_ folder: UpdateFolder) throws {
        while try folder.shadowed(try wanted) == .more {
            guard var record = try folder.dueShadow()?.record else { throw Stuck() }
            record.tally.note([ShadowedFace<String>.both(deciding: .init(match: nil, margin: nil), shadow: .init(match: nil, margin: nil), areAlike: true)])
            try folder.note(record)
        }
        guard try folder.shadowed(try wanted) == .passed else { throw Stuck() }
    }

    /// What the launcher does, until something runs that is not being tried.
    /// - Returns: all that was started.
    @discardableResult
    func launcher(_ disk: any ReleaseDisk) throws -> [Start] {
        let folder = UpdateFolder(root, disk: disk)
        var starts: [Start] = []
        for _ in 0..<10 {
            let start: Start = try folder.next()
            starts.append(start)
            guard let trial = start.trial else { return starts }
            if works { try folder.confirm(trial) } else { try folder.note(trial, "it ended with exit code 1") }
        }
        throw Stuck()
    }

    /// What is wrong with what would run now; `nil` when it is old or new, and whole.
    func fault() -> String? {
        let folder = UpdateFolder(root, disk: QuickDisk())
        let current: ReleaseNumber? = folder.current(kind)
        guard [before, after].contains(current) else { return "\(current?.rawValue ?? "what was installed") runs" }
        guard let current else { return nil }
        let manifest: ReleaseManifest? = try? (current == (try? new.manifest.version) ? new : old).manifest
        return manifest.flatMap { ReleaseFolder.fault(of: $0, in: folder.place(kind, current)) }.map { "\(current): \($0) is damaged" }
    }
}
