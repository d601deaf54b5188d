import Glibc

/// What Linux tells of the machine (`proc(5)`, `sysfs-class-thermal`). What it does not tell is `nil`.
package struct Machine: Sendable {
    private let root: String

    /// - Parameter root: where `/proc` and `/sys` are.
    package init(root: String = "") { self.root = root }

    /// Of the hottest thermal zone. Zones that are off report nonsense far below freezing or above boiling: they say nothing.
    package var celsius: Double? {
        (0..<64).compactMap { zone -> Double? in
            guard let text = read("/sys/class/thermal/thermal_zone\(zone)/temp"), let value = Double(Self.trimmed(text)) else { return nil }
            let celsius: Double = value / 1_000
            return (-40...150).contains(celsius) ? celsius : nil
        }.max()
    }

    package var memoryShare: Double? {
        guard let text = read("/proc/meminfo") else { return nil }
        var kilobytes: [Substring: Double] = [:]
        for line in text.split(separator: "\n") {
            let words: [Substring] = line.split(separator: " ")
            if words.count >= 2, let value = Double(words[1]) { kilobytes[words[0]] = value }
        }
        guard let total = kilobytes["MemTotal:"], let free = kilobytes["MemAvailable:"], total > 0 else { return nil }
        return min(max(1 - free / total, 0), 1)
    }

    /// Not for one that has ended and that nobody has asked for yet.
    func isRunning(_ process: pid_t) -> Bool {
        // The name before the state may hold anything but ends with the last bracket.
        guard let text = read("/proc/\(process)/stat"), let end = text.lastIndex(of: ")") else { return false }
        guard let state = text[text.index(after: end)...].first(where: { $0 != " " }) else { return false }
        return !"ZXx".contains(state)
    }

    /// Of this process.
    package var residentBytes: Int64? {
        guard let pages = read("/proc/self/statm")?.split(separator: " ").dropFirst().first.flatMap({ Int64($0) }) else { return nil }
        return pages * Int64(sysconf(CInt(_SC_PAGESIZE)))
    }

    /// Since the machine started, of all processors.
    package var processorTime: ProcessorTime? {
        guard let line = read("/proc/stat")?.split(separator: "\n").first, line.hasPrefix("cpu ") else { return nil }
        let ticks: [Double] = line.split(separator: " ").dropFirst().compactMap { Double($0) }
        // user nice system idle iowait irq softirq steal; guests are in user already.
        guard ticks.count >= 5 else { return nil }
        return ProcessorTime(idle: ticks[3] + ticks[4], total: ticks.prefix(8).reduce(0, +))
    }

    private static func trimmed(_ text: String) -> Substring { text.prefix { !$0.isNewline }.drop { $0 == " " } }

    /// At most 64 kB: these files have no size.
    private func read(_ path: String) -> String? {
        let file: CInt = open(root + path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        var count: Int = 0
        while count < bytes.count {
            let got: Int = bytes.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress! + count, $0.count - count) }
            guard got > 0 else { break }
            count += got
        }
        return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
    }
}

package struct ProcessorTime: Sendable, Hashable {
    let idle: Double
    let total: Double

    /// - Returns: 0…1; `nil` when no time has passed.
    package func share(since earlier: ProcessorTime) -> Double? {
        let passed: Double = total - earlier.total
        guard passed > 0 else { return nil }
        return min(max(1 - (idle - earlier.idle) / passed, 0), 1)
    }
}
