/// What a picture's header says, read without decoding.
package struct ImageHeader: Hashable, Sendable {
    package let format: ImageFormat
    /// As stored, before turning upright.
    package let width: Int
    package let height: Int
    package let orientation: ImageOrientation
    /// How often a decoder goes over the picture: the scans of a JPEG; otherwise 1.
    package let scans: Int
    /// How raw pixels lie; `nil` for encoded pictures.
    let raw: RawLayout?

    init(format: ImageFormat, width: Int, height: Int, orientation: ImageOrientation, scans: Int = 1, raw: RawLayout? = nil) {
        self.format = format
        self.width = width
        self.height = height
        self.orientation = orientation
        self.scans = scans
        self.raw = raw
    }

    /// Raw pixels say nothing of which way is up.
    init(_ layout: RawLayout) {
        self.init(format: .raw, width: layout.width, height: layout.height, orientation: .up, raw: layout)
    }

    /// As seen.
    package var uprightWidth: Int { orientation.swapsSides ? height : width }
    package var uprightHeight: Int { orientation.swapsSides ? width : height }

    /// - Throws: `.empty`, `.notAnImage`, `.unsupported`, `.truncated` when the file ends inside its header, `.corrupt`.
    package static func read(_ bytes: UnsafeRawBufferPointer) throws(ImageError) -> ImageHeader {
        guard !bytes.isEmpty else { throw .empty }
        switch ImageKind(bytes) {
        case .decodable(.jpeg): return try readJPEG(ByteReader(bytes: bytes))
        case .decodable(.png): return try readPNG(ByteReader(bytes: bytes))
        // Raw pixels have no header to know them by.
        case .decodable(.raw): throw .notAnImage(looksLike: nil)
        case .foreign(let name): throw .unsupported(name)
        case .other(let kind): throw .notAnImage(looksLike: kind)
        }
    }

    package static func read(_ bytes: [UInt8]) throws(ImageError) -> ImageHeader {
        try bytes.withUnsafeBufferPointer { (buffer) throws(ImageError) in try read(UnsafeRawBufferPointer(buffer)) }
    }

    /// - Throws: `.tooManyPixels` when the header promises more than the limits allow; `.tooManyScans` when decoding would be more work.
    func check(_ limits: ImageLimits) throws(ImageError) {
        let (pixels, overflow) = width.multipliedReportingOverflow(by: height)
        guard !overflow, pixels <= limits.pixels, max(width, height) <= limits.side else {
            throw .tooManyPixels(width: width, height: height, limit: limits.pixels)
        }
        let allowed: Int = min(limits.scans, max(1, limits.work / max(1, pixels)))
        guard scans <= allowed else { throw .tooManyScans(count: scans, limit: allowed) }
    }
}
