import FrameCapture
import Testing

/// A JPEG in form: start, an application segment that holds a whole thumbnail, a scan with stuffed and restart bytes, end.
private func picture(_ fill: UInt8) -> [UInt8] {
    let thumbnail: [UInt8] = [0xFF, 0xD8, 0xFF, 0xDA, 0, 2, fill, 0xFF, 0xD9]
    let segment: [UInt8] = [0xFF, 0xE1, 0, UInt8(thumbnail.count + 2)] + thumbnail
    return [0xFF, 0xD8] + segment + [0xFF, 0xDA, 0, 4, 1, 2] + [fill, 0xFF, 0, fill, 0xFF, 0xD3, fill] + [0xFF, 0xD9]
}

@Suite("Cutting a stream into pictures")
struct JPEGSplitterTests {
    @Test("finds the same pictures however the bytes arrive", arguments: [1, 2, 3, 5, 7, 64, 10_000])
    func chunks(size: Int) {
        let noise: [UInt8] = Array("--boundary\r\nContent-Type: image/jpeg\r\n\r\n".utf8)
        let pictures: [[UInt8]] = [picture(1), picture(0x55), picture(0xAA)]
        let stream: [UInt8] = pictures.flatMap { noise + $0 } + noise
        var splitter = JPEGSplitter(limit: 1_000)
        var found: [[UInt8]] = []
        for start in stride(from: 0, to: stream.count, by: size) { found += splitter.append(stream[start..<min(start + size, stream.count)]) }
        #expect(found == pictures)
        #expect(splitter.pending == 0)
    }

    @Test("a picture beyond the limit is dropped and the next one is found")
    func limit() {
        let endless: [UInt8] = [0xFF, 0xD8, 0xFF, 0xDA, 0, 2] + [UInt8](repeating: 3, count: 5_000)
        var splitter = JPEGSplitter(limit: 1_000)
        var found: [[UInt8]] = splitter.append(endless)
        found += splitter.append(picture(9))
        #expect(found == [picture(9)])
    }

    @Test("starts without pictures are passed over, however many, and what is kept stays within the limit")
    func starts() {
        var splitter = JPEGSplitter(limit: 1_000)
        let torn: [UInt8] = (0..<200_001).flatMap { _ in [0xFF, 0xD8] as [UInt8] }
        #expect(splitter.append(torn + picture(7)) == [picture(7)])
        #expect(splitter.append(torn + [0xFF, 0xD8, 0xFF, 0xDA, 0, 2, 3]).isEmpty && splitter.pending == 7)
    }

    @Test("a broken picture does not hide the one behind it")
    func broken() {
        var splitter = JPEGSplitter(limit: 1_000)
        #expect(splitter.append([0xFF, 0xD8, 1, 2, 3] + picture(4)) == [picture(4)])
        #expect(splitter.append(picture(5).dropLast(2)).isEmpty)
        #expect(splitter.pending > 0)
    }
}
