import FrameCapture
import Glibc
import Synchronization
import Testing

/// What every frame source promises. A camera's driver is needed for a camera: `Tests/CameraRig` asks the same of it there.
@Suite("Every frame source")
struct SourceConformanceTests {
    enum Source: CaseIterable, Sendable { case files, stream }

    /// A JPEG in form, told apart by `fill`.
    static func picture(_ fill: UInt8, bytes: Int = 64) -> [UInt8] {
        [0xFF, 0xD8, 0xFF, 0xDA, 0, 2] + [UInt8](repeating: fill, count: bytes) + [0xFF, 0xD9]
    }

    /// A source that offers `pictures`, then ends.
    private func read(_ source: Source, _ pictures: [[UInt8]], limit: Int = 1_000) async throws -> [SourceItem] {
        switch source {
        case .files:
            let folder: String = "/tmp/vultus-source-\(getpid())-\(UInt32.random(in: 0 ... .max))"
            mkdir(folder, 0o700)
            defer { system("rm -r \(folder)") }
            for (index, picture) in pictures.enumerated() { try write(picture, to: "\(folder)/\(100 + index).jpg") }
            let files = PictureFile(limit: limit)
            let watch = FolderWatch(paths: [folder], files: files)
            return await watch.next(settled: true).map { path in
                do throws(SourceFault) { return .frame(try files.read(path)) } catch { return .unreadable(name: path, reason: error) }
            }
        case .stream:
            var ends: [CInt] = [0, 0]
            pipe(&ends)
            defer { close(ends[0]) }
            let (reading, writing): (CInt, CInt) = (ends[0], ends[1])
            // All of it fits into the pipe: nobody has to read while it is written.
            for picture in pictures { _ = picture.withUnsafeBytes { Glibc.write(writing, $0.baseAddress, $0.count) } }
            close(writing)
            var items: [SourceItem] = []
            do throws(SourceFault) {
                try JPEGStream(descriptor: reading, limit: limit).forEachFrame { frame in
                    items.append(.frame(frame))
                    return true
                }
            } catch {
                items.append(.unreadable(name: "stream", reason: error))
            }
            return items
        }
    }

    private func write(_ bytes: [UInt8], to path: String) throws {
        let descriptor: CInt = open(path, O_WRONLY | O_CREAT, 0o600)
        defer { close(descriptor) }
        #expect(bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) } == bytes.count)
    }

    @Test("gives its pictures whole, in order, each with a name and the time it arrived", arguments: Source.allCases)
    func order(source: Source) async throws {
        let before: ContinuousClock.Instant = .now
        let pictures: [[UInt8]] = (1...5).map { Self.picture($0, bytes: 40 * Int($0)) }
        let frames: [Frame] = try await read(source, pictures).compactMap { if case .frame(let frame) = $0 { frame } else { nil } }
        #expect(frames.map(\.bytes) == pictures)
        #expect(frames.map { $0.withBytes { Array($0) } } == pictures)
        #expect(Set(frames.map(\.name)).count == pictures.count)
        #expect(frames.allSatisfy { $0.form == .encoded && $0.arrived >= before && $0.arrived <= .now })
        #expect(zip(frames, frames.dropFirst()).allSatisfy { $0.arrived <= $1.arrived })
    }

    @Test("goes on after a picture that cannot be taken", arguments: Source.allCases)
    func goesOn(source: Source) async throws {
        let items: [SourceItem] = try await read(source, [Self.picture(1), Self.picture(2, bytes: 5_000), Self.picture(3)])
        let frames: [[UInt8]] = items.compactMap { if case .frame(let frame) = $0 { frame.bytes } else { nil } }
        #expect(frames == [Self.picture(1), Self.picture(3)])
    }

    @Test("says so when there is nothing to be had", arguments: Source.allCases)
    func nothing(source: Source) async throws {
        let items: [SourceItem] = try await read(source, [])
        switch source {
        case .files: #expect(items.isEmpty)
        case .stream:
            guard case .unreadable(_, .notAStream)? = items.first else {
                Issue.record("a stream without a picture must say so")
                return
            }
        }
    }

    @Test("a recording gives every frame to a reader that is slow, at the recording's own time")
    func recorded() async throws {
        var ends: [CInt] = [0, 0]
        pipe(&ends)
        let (reading, writing): (CInt, CInt) = (ends[0], ends[1])
        let start: ContinuousClock.Instant = .now
        let stream: AsyncStream<SourceItem> = JPEGStream(descriptor: reading, limit: 1_000) { start }.recorded(rate: 10)
        for fill in UInt8(1)...40 { _ = Self.picture(fill).withUnsafeBytes { Glibc.write(writing, $0.baseAddress, $0.count) } }
        close(writing)
        var seen: [UInt8: ContinuousClock.Instant] = [:]
        for await item in stream {
            if case .frame(let frame) = item { seen[frame.bytes[6]] = frame.arrived }
            await Task.yield()
        }
        #expect(seen.count == 40)
        for fill in UInt8(1)...40 { #expect(seen[fill] == start + .seconds(Double(fill) / 10)) }
        close(reading)
    }

    @Test("frames after a gap are told from those before it: a pause of seconds, and of more than five intervals")
    func gaps() throws {
        var ends: [CInt] = [0, 0]
        pipe(&ends)
        defer { close(ends[0]) }
        // A quarter of a second apart, then three seconds; every second, then four, then six.
        let seconds: [Double] = [0, 0.25, 0.5, 3.5, 3.75, 4.75, 5.75, 9.75, 13.75, 40, 41]
        for _ in seconds { _ = Self.picture(1).withUnsafeBytes { Glibc.write(ends[1], $0.baseAddress, $0.count) } }
        close(ends[1])
        let start: ContinuousClock.Instant = .now
        let come = Mutex(0)
        var stretches: [Int] = []
        try JPEGStream(descriptor: ends[0], limit: 1_000) {
            start
                + .seconds(
                    seconds[
                        come.withLock {
                            $0 += 1
                            return $0 - 1
                        }])
        }.forEachFrame { frame in
            stretches.append(frame.stretch)
            return true
        }
        #expect(stretches == [0, 0, 0, 1, 1, 1, 1, 1, 1, 2, 2])
    }

    @Test("a source that is opened anew begins a stretch, and only once it has given something")
    func reopened() {
        var gaps = GapWatch()
        let start: ContinuousClock.Instant = .now
        gaps.broke()
        #expect(gaps.came(at: start) == 0 && gaps.came(at: start + .milliseconds(100)) == 0)
        gaps.broke()
        gaps.broke()
        #expect(gaps.came(at: start + .milliseconds(200)) == 1)
    }

    @Test("a live source keeps the newest picture for a reader that is slow, and ends with it")
    func newest() async throws {
        var ends: [CInt] = [0, 0]
        pipe(&ends)
        let (reading, writing): (CInt, CInt) = (ends[0], ends[1])
        let stream: AsyncStream<SourceItem> = JPEGStream(descriptor: reading, limit: 1_000).newest()
        for fill in UInt8(1)...9 { _ = Self.picture(fill).withUnsafeBytes { Glibc.write(writing, $0.baseAddress, $0.count) } }
        close(writing)
        var seen: [UInt8] = []
        for await item in stream { if case .frame(let frame) = item { seen.append(frame.bytes[6]) } }
        #expect(seen.last == 9 && seen == seen.sorted())
        close(reading)
    }
}
