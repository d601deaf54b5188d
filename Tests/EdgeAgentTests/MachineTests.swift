import EdgeAgent
import Foundation
import Testing

@Suite("What Linux tells of the machine")
struct MachineTests {
    private let root: String

    init() throws { root = FileManager.default.temporaryDirectory.appending(path: "vultus-machine-\(UUID().uuidString)").path }

    private func write(_ path: String, _ text: String) throws {
        let file: String = root + path
        try FileManager.default.createDirectory(atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(filePath: file))
    }

    @Test("what is not there is absent, not nought")
    func absent() {
        let machine = Machine(root: root)
        #expect(machine.celsius == nil && machine.memoryShare == nil && machine.residentBytes == nil && machine.processorTime == nil)
    }

    @Test("the hottest zone counts, and zones that report nonsense do not")
    func temperature() throws {
        defer { try? FileManager.default.removeItem(atPath: root) }
        for (zone, text) in ["41500\n", "-274000\n", "200000\n", "off\n", "67250\n"].enumerated() {
            try write("/sys/class/thermal/thermal_zone\(zone)/temp", text)
        }
        #expect(Machine(root: root).celsius == 67.25)
    }

    @Test("memory in use is what is not available; the processor's share is of the time between two looks")
    func shares() throws {
        defer { try? FileManager.default.removeItem(atPath: root) }
        try write("/proc/meminfo", "MemTotal:       1000000 kB\nMemFree:         10000 kB\nMemAvailable:    250000 kB\n")
        let machine = Machine(root: root)
        #expect(machine.memoryShare == 0.75)
        try write("/proc/stat", "cpu  100 0 100 700 100 0 0 0 50 0\ncpu0 1 2 3 4\n")
        let first = try #require(machine.processorTime)
        #expect(first.share(since: first) == nil)
        try write("/proc/stat", "cpu  160 0 120 810 110 0 0 0 50 0\ncpu0 1 2 3 4\n")
        // 200 ticks more, 120 of them idle or waiting.
        #expect(try #require(machine.processorTime).share(since: first) == 0.4)
    }
}
