import Foundation
import TestKit

/// Kinds of system calls, as `faults.c` numbers them.
struct CallClasses: OptionSet {
    let rawValue: UInt64
    static let write = CallClasses(rawValue: 1)
    static let sync = CallClasses(rawValue: 2)
    /// Making, renaming, cutting and removing files.
    static let shape = CallClasses(rawValue: 4)
    static let send = CallClasses(rawValue: 8)
    static let files: CallClasses = [.write, .sync, .shape]
    static let all: CallClasses = [.write, .sync, .shape, .send]
}

/// What happens at a counted call.
struct Fault {
    enum Action: UInt64, CaseIterable { case killBefore = 1, killHalfway, killAfter, fail }

    /// Counted from 1 from the moment it is armed.
    let at: Int
    let action: Action
    var cause: CInt = 0
    /// Whether every later call fails too.
    var isLasting: Bool = false

    static let kills: [Action] = [.killBefore, .killHalfway, .killAfter]

    /// The disk's refusals at each of `calls` calls: full and failing, once and from then on.
    static func refusals(calls: Int) -> [Fault] {
        (1...max(1, calls)).flatMap { number in
            [ENOSPC, EIO].flatMap { cause in
                [false, true].map { Fault(at: number, action: .fail, cause: cause, isLasting: $0) }
            }
        }
    }
}

extension Fault: CustomStringConvertible {
    var description: String {
        action == .fail ? "\(at) \(cause == ENOSPC ? "ENOSPC" : "errno \(cause)")\(isLasting ? " from then on" : "")" : "\(at) \(action)"
    }
}

/// One counted call.
struct CallSite: Hashable {
    let number: Int
    let kind: String
    let file: String
    /// Of the whole stack, the same in every run of the same program.
    let site: String
}

/// A preloaded library's page of orders, shared with the program it is in: see `faults.c`.
final class FaultControl {
    private enum Field: off_t { case magic, classes, at, action, cause, lasting, count, fired, logs, dropsSync }

    private let descriptor: CInt
    private let path: String
    private let log: String
    /// Put before a program, makes it one that faults happen in.
    let wrapper: [String]
    /// The same, for a program started with an environment.
    let environment: [String: String]

    /// - Parameters:
    ///   - data: the directory whose files are watched.
    ///   - folder: where the page lies; not in `data`.
    init(data: String, folder: String) throws {
        path = folder + "/faults-\(UUID().uuidString)"
        log = path + ".log"
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0, ftruncate(descriptor, 4096) == 0 else { throw CocoaError(.fileWriteUnknown) }
        environment = [
            "LD_PRELOAD": try FaultLibrary.compiled.get(), "VULTUS_FAULT_DATA": data, "VULTUS_FAULT_CONTROL": path, "VULTUS_FAULT_LOG": log,
        ]
        wrapper = ["/usr/bin/env"] + environment.map { "\($0.key)=\($0.value)" }
    }

    deinit {
        close(descriptor)
        unlink(path)
        unlink(log)
    }

    /// Counts from now on, and lets `fault` happen.
    func arm(_ fault: Fault?, counting classes: CallClasses = .all, noting: Bool = false) {
        // The order to strike is the last to be written and the first to be taken back.
        set(.at, 0)
        set(.action, fault?.action.rawValue ?? 0)
        set(.cause, UInt64(fault?.cause ?? 0))
        set(.lasting, fault?.isLasting == true ? 1 : 0)
        set(.logs, noting ? 1 : 0)
        set(.classes, classes.rawValue)
        set(.count, 0)
        set(.fired, 0)
        set(.at, UInt64(fault?.at ?? 0))
    }

    /// - Returns: how often the fault happened; asked before nothing more can happen, one that comes late would be missed.
    @discardableResult
    func disarm() -> Int {
        set(.at, 0)
        set(.action, 0)
        let happened: Int = fired
        arm(nil, counting: [])
        return happened
    }

    /// Planted: fsync does nothing and says it did.
    var dropsSync: Bool {
        get { get(.dropsSync) != 0 }
        set { set(.dropsSync, newValue ? 1 : 0) }
    }

    var count: Int { Int(get(.count)) }
    /// How often the fault happened.
    var fired: Int { Int(get(.fired)) }

    /// The calls noted since this was last asked.
    func takeSites() throws -> [CallSite] {
        let text: String = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
        if FileManager.default.fileExists(atPath: log) { truncate(log, 0) }
        return text.split(separator: "\n").compactMap { line in
            let parts: [String] = line.split(separator: " ").map(String.init)
            guard parts.count == 4, let number = Int(parts[0]) else { return nil }
            return CallSite(number: number, kind: parts[1], file: parts[2], site: parts[3])
        }
    }

    private func set(_ field: Field, _ value: UInt64) {
        var value: UInt64 = value
        precondition(pwrite(descriptor, &value, 8, field.rawValue * 8) == 8)
    }

    private func get(_ field: Field) -> UInt64 {
        var value: UInt64 = 0
        precondition(pread(descriptor, &value, 8, field.rawValue * 8) == 8)
        return value
    }
}
