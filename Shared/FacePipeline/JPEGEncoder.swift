import CTurboJPEG

/// Writes JPEGs with libjpeg-turbo. Not thread safe.
package final class JPEGEncoder {
    private let turbo: tjhandle?
    /// 1…100
    private let quality: CInt

    package init(quality: Int = 80) {
        self.quality = CInt(max(1, min(100, quality)))
        turbo = tjInitCompress()
    }

    deinit { if let turbo { tjDestroy(turbo) } }

    /// - Returns: a baseline JPEG, 4:2:0; `nil` when there is no memory for it, or the picture is larger than a JPEG can be.
    package func encode(_ picture: PixelBuffer) -> [UInt8]? {
        guard let turbo else { return nil }
        var output: UnsafeMutablePointer<UInt8>?
        var size: UInt = 0
        defer { if let output { tjFree(output) } }
        let status: CInt = tjCompress2(
            turbo, picture.bytes.baseAddress, CInt(picture.width), 0, CInt(picture.height), CInt(TJPF_RGB.rawValue), &output, &size,
            CInt(TJSAMP_420.rawValue), quality, TJFLAG_FASTDCT)
        guard status == 0, let output else { return nil }
        return Array(UnsafeBufferPointer(start: output, count: Int(size)))
    }
}
