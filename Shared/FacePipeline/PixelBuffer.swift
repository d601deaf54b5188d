/// RGB8 pixels, interleaved, rows without padding, in one 64-byte-aligned block that this object owns.
package final class PixelBuffer {
    /// In pixels, at least 1.
    package private(set) var width: Int
    package private(set) var height: Int
    private var storage: UnsafeMutableRawPointer
    private var capacity: Int

    /// Pixels of any value: whoever makes a buffer fills it.
    package init(width: Int, height: Int) {
        precondition(width > 0 && height > 0)
        self.width = width
        self.height = height
        capacity = width * height * 3
        storage = .allocate(byteCount: capacity, alignment: 64)
    }

    package convenience init(width: Int, height: Int, rgb: [UInt8]) {
        precondition(rgb.count == width * height * 3)
        self.init(width: width, height: height)
        _ = bytes.update(fromContentsOf: rgb)
    }

    deinit {
        storage.deallocate()
    }

    /// Gives the buffer another size, in the same memory when that is large enough. Pixels are of any value afterwards.
    package func resize(width: Int, height: Int) {
        precondition(width > 0 && height > 0)
        let bytes = width * height * 3
        // A block four times too large is handed back: one huge picture must not be held for ever.
        if bytes > capacity || capacity / 4 > max(bytes, 1 << 20) {
            storage.deallocate()
            storage = .allocate(byteCount: bytes, alignment: 64)
            capacity = bytes
        }
        self.width = width
        self.height = height
    }

    /// A copy of the pixels.
    package var array: [UInt8] { withExtendedLifetime(self) { Array(bytes) } }

    /// width × height × 3 bytes, valid only while this object lives: never taken from a temporary.
    package var bytes: UnsafeMutableBufferPointer<UInt8> {
        UnsafeMutableBufferPointer(start: start, count: width * height * 3)
    }

    /// The first of them.
    var start: UnsafeMutablePointer<UInt8> { storage.assumingMemoryBound(to: UInt8.self) }

    /// A copy that stands upright.
    package func upright(_ orientation: ImageOrientation) -> PixelBuffer {
        let (columns, rows) = orientation.swapsSides ? (height, width) : (width, height)
        let turned = PixelBuffer(width: columns, height: rows)
        let map = orientation.storedFromUpright(width: width, height: height)
        let stepX = Int(map.a) + Int(map.c) * width
        let stepY = Int(map.b) + Int(map.d) * width
        let first = Int(map.tx) + Int(map.ty) * width
        let (source, target) = (bytes, turned.bytes)
        for y in 0..<rows {
            for x in 0..<columns {
                let from = 3 * (first + x * stepX + y * stepY)
                let to = 3 * (y * columns + x)
                target[to] = source[from]
                target[to + 1] = source[from + 1]
                target[to + 2] = source[from + 2]
            }
        }
        return turned
    }
}
