/// How large a picture may be, checked before any pixel is decoded.
package struct ImageLimits: Hashable, Sendable {
    /// Encoded size; default 20 MiB.
    package var bytes: Int
    /// Width × height as stored; default 50 million.
    package var pixels: Int
    /// Longer side in pixels; default 16,384.
    package var side: Int
    /// Scans of one JPEG; default 100. Encoders write one, or about ten for a progressive picture.
    package var scans: Int
    /// Pixels × scans; default 600 million, twelve scans of the largest picture. A scan of a few bytes costs as much as a full one.
    package var work: Int

    package init(bytes: Int = 20 << 20, pixels: Int = 50_000_000, side: Int = 16_384, scans: Int = 100, work: Int = 600_000_000) {
        self.bytes = bytes
        self.pixels = pixels
        self.side = side
        self.scans = scans
        self.work = work
    }
}
