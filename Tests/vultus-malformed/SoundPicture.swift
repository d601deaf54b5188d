import CTurboJPEG

/// Pictures as cameras send them, before anything is broken.
enum SoundPicture {
    private static let samplings: [TJSAMP] = [TJSAMP_444, TJSAMP_422, TJSAMP_420, TJSAMP_GRAY, TJSAMP_440, TJSAMP_411]
    private static let sizes: [(Int, Int)] = [(320, 240), (160, 120), (640, 360), (17, 13), (1, 1), (8, 240), (333, 5)]

    /// A JPEG of any sampling, baseline or progressive, Huffman or arithmetic.
    static func jpeg(_ random: inout SeededGenerator) -> [UInt8] {
        let (width, height): (Int, Int) = random.oneIn(50) ? (1280, 720) : random.one(of: sizes)
        let flags: CInt = random.oneIn(3) ? TJFLAG_PROGRESSIVE : 0
        return jpeg(rgb(width, height, &random), width, height, random.one(of: samplings), quality: random.number(5...100), flags)
    }

    /// Slopes with noise on them: smooth parts, edges, and coefficients of every size.
    private static func rgb(_ width: Int, _ height: Int, _ random: inout SeededGenerator) -> [UInt8] {
        let (slope, grain): (Int, Int) = (random.number(1...9), random.number(1...64))
        var pixels = [UInt8](repeating: 0, count: width * height * 3)
        for index in pixels.indices { pixels[index] = UInt8(truncatingIfNeeded: index / 3 % width * slope + index / (3 * width) + Int(random.byte()) % grain) }
        return pixels
    }

    static func jpeg(_ rgb: [UInt8], _ width: Int, _ height: Int, _ sampling: TJSAMP, quality: Int, _ flags: CInt) -> [UInt8] {
        let turbo = tjInitCompress()
        defer { tjDestroy(turbo) }
        var output: UnsafeMutablePointer<UInt8>?
        var size: UInt = 0
        let status = tjCompress2(
            turbo, rgb, CInt(width), 0, CInt(height), CInt(TJPF_RGB.rawValue), &output, &size, CInt(sampling.rawValue), CInt(quality), flags)
        precondition(status == 0, String(cString: tjGetErrorStr2(turbo)))
        defer { tjFree(output) }
        return Array(UnsafeBufferPointer(start: output, count: Int(size)))
    }
}
