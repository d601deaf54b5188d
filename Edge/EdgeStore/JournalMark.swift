import Crypto
import Glibc
import ServiceSupport
import WireModel

/// How far the journal went, and what it had spent, when somebody was last answered.
struct JournalMark: Codable, Hashable, Sendable {
    let device: DeviceID
    let head: JournalHead
    /// Units of this journal, by API.
    let spent: [String: Int64]

    func isAhead(of other: JournalMark) -> Bool { (head.epoch, head.seq) > (other.head.epoch, other.head.seq) }
}

/// Keeps the mark in a file beside the database: a database or log that lost its end, or was put back, does not pass for whole.
///
/// Two slots; the older one is overwritten, so that a torn write leaves the other. Each carries a keyed mark of its own, and what
/// does not prove is not there: a missing or old mark is no fault.
struct JournalMarkFile: Sendable {
    private static let slotBytes: Int = 4_096
    private static let place: String = "journal-head"

    let path: String
    let masterKey: SymmetricKey

    /// - Returns: `nil` when there is none that proves.
    func newest() -> JournalMark? {
        let descriptor: CInt = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        return newest(descriptor).mark
    }

    /// Moves the mark on, never back: processes that share the store may come here in another order than they committed in.
    ///
    /// Synced, because it is a power cut that flash loses blocks in (measured in a debug build: about 1 ms of 3.5 ms a use, the sync 0.2 ms).
    /// Nothing is told of a failure: a mark that is older than the journal is no fault, and what was committed is answered.
    func advance(to mark: JournalMark) {
        let descriptor: CInt = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        guard flock(descriptor, LOCK_EX) == 0 else { return }
        let (newest, slot): (JournalMark?, Int) = newest(descriptor)
        guard newest.map({ mark.isAhead(of: $0) }) ?? true, let text = try? JSON.text(mark) else { return }
        var bytes: [UInt8] = Array((proof(of: text) + " " + text + "\n").utf8)
        guard bytes.count <= Self.slotBytes else { return }
        bytes += [UInt8](repeating: 0, count: Self.slotBytes - bytes.count)
        guard pwrite(descriptor, bytes, bytes.count, off_t((1 - slot) * Self.slotBytes)) == bytes.count else { return }
        fdatasync(descriptor)
    }

    private func newest(_ descriptor: CInt) -> (mark: JournalMark?, slot: Int) {
        var found: (mark: JournalMark?, slot: Int) = (nil, 1)
        for slot in 0...1 {
            guard let mark = read(descriptor, slot) else { continue }
            if found.mark.map({ mark.isAhead(of: $0) }) ?? true { found = (mark, slot) }
        }
        return found
    }

    private func read(_ descriptor: CInt, _ slot: Int) -> JournalMark? {
        var bytes = [UInt8](repeating: 0, count: Self.slotBytes)
        guard pread(descriptor, &bytes, bytes.count, off_t(slot * Self.slotBytes)) == bytes.count, let end = bytes.firstIndex(of: 10) else { return nil }
        let parts: [Substring] = String(decoding: bytes[..<end], as: UTF8.self).split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0] == proof(of: String(parts[1])) else { return nil }
        return try? JSON.value(JournalMark.self, from: String(parts[1]))
    }

    private func proof(of text: String) -> String { KeyedMark.of(text, in: Self.place, under: masterKey).hexadecimal }
}
