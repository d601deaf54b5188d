/// How large a picture may be, checked before any pixel is decoded.
package struct ImageLimits: Hashable, Sendable {
    /// Encoded size; default 20 MiB.
    package var bytes: Int
    /// Width × height as stored; default 50 million.
    package var pixels: Int
    /// Longer side in pixels; default 16,384.
    package var side: Int

    package init(bytes: Int = 20 << 20, pixels: Int = 50_000_000, side: Int = 16_384) {
        self.bytes = bytes
        self.pixels = pixels
        self.side = side
    }
}
