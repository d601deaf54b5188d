import Foundation
import ReleaseFiles
import ServiceSupport
import Synchronization
import WireModel

/// A disk whose power goes at a chosen call. Calls are done on a real folder; beside it stands what would be left of it: a file has what it
/// had when it was last synced, a directory the names it had when it was.
///
/// How much of the rest is left is up to the disk, so each way is tried (``Loss``).
final class PoweredDisk: ReleaseDisk {
    enum Loss: String, CaseIterable, Sendable {
        /// The process is killed, the system lives on.
        case nothing
        /// Whatever was not synced is gone.
        case everything
        /// Names are where they were put, files without what was not synced: as file systems may that order nothing but their own structure.
        case contents
    }

    private enum Node: Equatable {
        case file(ino_t), link(String), folder(ino_t)
    }

    private struct State {
        var calls: [String] = []
        var step: String = "begin"
        var isCut: Bool = false
        /// By inode: what a file had when it was synced, with its mode.
        var contents: [ino_t: (bytes: [UInt8], mode: mode_t)] = [:]
        var names: [ino_t: [String: Node]] = [:]
    }

    private let root: String
    private let cutAt: Int?
    private let loss: Loss
    private let dropsSync: (@Sendable (String) -> Bool)?
    private let state = Mutex(State())
    private let disk = QuickDisk()

    /// - Parameters:
    ///   - cutAt: which call is not done any more, and none after it; `nil`: all are.
    ///   - dropsSync: a planted fault: syncs in these steps do nothing.
    init(root: String, cutAt: Int? = nil, loss: Loss = .nothing, dropsSync: (@Sendable (String) -> Bool)? = nil) {
        self.root = root
        self.cutAt = cutAt
        self.loss = loss
        self.dropsSync = dropsSync
        // What is there already was there long before.
        state.withLock { Self.keep(root, &$0) }
    }

    /// The step of each call.
    var calls: [String] { state.withLock { $0.calls } }
    var isCut: Bool { state.withLock { $0.isCut } }

    func enter(_ step: String) { state.withLock { $0.step = step } }

    private func call(_ body: () throws(Problem) -> Void) throws(Problem) {
        let isCut: Bool = state.withLock { state in
            state.isCut = state.isCut || state.calls.count == cutAt
            if !state.isCut { state.calls.append(state.step) }
            return state.isCut
        }
        guard !isCut else { throw Problem(.interrupted, "The power is gone.", remedy: "") }
        try body()
    }

    func makeDirectory(_ path: String) throws(Problem) { try make(path) { () throws(Problem) in try disk.makeDirectory(path) } }
    func write(_ bytes: [UInt8], to path: String, at offset: Int64) throws(Problem) {
        try make(path) { () throws(Problem) in try disk.write(bytes, to: path, at: offset) }
    }

    /// What was kept of an inode is not of the file that has it next.
    private func make(_ path: String, _ body: () throws(Problem) -> Void) throws(Problem) {
        let isNew: Bool = Self.status(path) == nil
        try call(body)
        guard isNew, let inode = Self.status(path)?.st_ino else { return }
        state.withLock { state in (state.contents[inode], state.names[inode]) = (nil, nil) }
    }

    func truncate(_ path: String, to bytes: Int64) throws(Problem) { try call { () throws(Problem) in try disk.truncate(path, to: bytes) } }
    func setMode(_ mode: UInt32, of path: String) throws(Problem) { try call { () throws(Problem) in try disk.setMode(mode, of: path) } }
    func rename(_ path: String, to other: String) throws(Problem) { try call { () throws(Problem) in try disk.rename(path, to: other) } }
    func link(_ target: String, at path: String) throws(Problem) { try call { () throws(Problem) in try disk.link(target, at: path) } }
    func remove(_ path: String) throws(Problem) { try call { () throws(Problem) in try disk.remove(path) } }

    func sync(_ path: String) throws(Problem) {
        try call { () throws(Problem) in
            state.withLock { state in
                if dropsSync?(state.step) != true { Self.note(path, &state) }
            }
        }
    }

    private static func status(_ path: String) -> stat? {
        var found = stat()
        return lstat(path, &found) == 0 ? found : nil
    }

    private static func note(_ path: String, _ state: inout State) {
        guard let status = status(path) else { return }
        if status.st_mode & S_IFMT == S_IFDIR {
            state.names[status.st_ino] = entries(path)
        } else {
            state.contents[status.st_ino] = (bytes(path), status.st_mode & 0o777)
        }
    }

    private static func keep(_ path: String, _ state: inout State) {
        note(path, &state)
        guard let own = status(path), own.st_mode & S_IFMT == S_IFDIR else { return }
        for name in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] {
            if (status(path + "/" + name)?.st_mode ?? 0) & S_IFMT != S_IFLNK { keep(path + "/" + name, &state) }
        }
    }

    private static func bytes(_ path: String) -> [UInt8] { FileManager.default.contents(atPath: path).map { Array($0) } ?? [] }

    private static func entries(_ folder: String) -> [String: Node] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).reduce(into: [:]) { entries, name in
            let path: String = folder + "/" + name
            guard let status = status(path) else { return }
            switch status.st_mode & S_IFMT {
            case S_IFDIR: entries[name] = .folder(status.st_ino)
            case S_IFLNK: entries[name] = (try? FileManager.default.destinationOfSymbolicLink(atPath: path)).map(Node.link)
            default: entries[name] = .file(status.st_ino)
            }
        }
    }

    /// The folder as it is found when the power is back.
    func powerOn() throws {
        guard loss != .nothing else { return }
        let folder: String = root + ".after"
        try state.withLock { state in
            guard let status = Self.status(root) else { return }
            try Self.restore(status.st_ino, root, at: folder, state, loss)
        }
        try FileManager.default.removeItem(atPath: root)
        try FileManager.default.moveItem(atPath: folder, toPath: root)
    }

    /// - Parameter live: where the directory was, for the names it has now; `nil` when it is not there any more.
    private static func restore(_ inode: ino_t, _ live: String?, at path: String, _ state: State, _ loss: Loss) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let names: [String: Node] = loss == .contents && live != nil ? entries(live!) : state.names[inode] ?? [:]
        for (name, node) in names {
            switch node {
            case .folder(let inode): try restore(inode, live.map { $0 + "/" + name }, at: path + "/" + name, state, loss)
            case .link(let target): try FileManager.default.createSymbolicLink(atPath: path + "/" + name, withDestinationPath: target)
            case .file(let inode):
                let kept: (bytes: [UInt8], mode: mode_t) = state.contents[inode] ?? ([], 0o644)
                FileManager.default.createFile(atPath: path + "/" + name, contents: Data(kept.bytes), attributes: [.posixPermissions: Int(kept.mode)])
            }
        }
    }
}

/// The disk as it is, without waiting for it: for what no power cut is played on.
struct QuickDisk: ReleaseDisk {
    private let disk = SystemDisk()

    func makeDirectory(_ path: String) throws(Problem) { try disk.makeDirectory(path) }
    func write(_ bytes: [UInt8], to path: String, at offset: Int64) throws(Problem) { try disk.write(bytes, to: path, at: offset) }
    func truncate(_ path: String, to bytes: Int64) throws(Problem) { try disk.truncate(path, to: bytes) }
    func setMode(_ mode: UInt32, of path: String) throws(Problem) { try disk.setMode(mode, of: path) }
    func sync(_ path: String) throws(Problem) {}
    func rename(_ path: String, to other: String) throws(Problem) { try disk.rename(path, to: other) }
    func link(_ target: String, at path: String) throws(Problem) { try disk.link(target, at: path) }
    func remove(_ path: String) throws(Problem) { try disk.remove(path) }
}
