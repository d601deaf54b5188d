/// What can be said of a picture without finding anything in it: bright or dark, even or not, sharp or not.
package struct PictureSurvey: Hashable, Sendable {
    /// Mean brightness, 0…1.
    package let brightness: Double
    /// Standard deviation of brightness, 0…1: an even wall, a covered lens and a black picture have little.
    package let contrast: Double
    /// How much of the contrast lies between neighbouring pixels: the mean square of the Laplacian over the variance, of the
    /// picture at no more than 640 pixels a side. A picture out of focus has none there, whatever it shows.
    package let detail: Double

    /// - Parameter layout: of raw pixels; `nil` for a JPEG or PNG.
    /// - Throws: as `FacePipeline.analyse`.
    package static func of(_ bytes: UnsafeRawBufferPointer, layout: RawLayout?) throws(ImageError) -> PictureSurvey {
        let header: ImageHeader = if let layout { ImageHeader(layout) } else { try ImageHeader.read(bytes) }
        try header.check(ImageLimits())
        let picture = PixelBuffer(width: 1, height: 1)
        let longer: Int = max(header.width, header.height)
        let reduction: Int = header.format == .jpeg ? ImageDecoder.reductions.first { ImageDecoder.reduced(longer, by: $0) >= min(longer, 640) } ?? 1 : 1
        try ImageDecoder().decode(bytes, header: header, reduction: reduction, into: picture)
        let side: Int = max(picture.width, picture.height)
        guard side > 640 else { return PictureSurvey(picture) }
        let small = PixelBuffer(width: max(1, picture.width * 640 / side), height: max(1, picture.height * 640 / side))
        AreaResampler.shrink(picture, into: small)
        return PictureSurvey(small)
    }

    init(_ picture: PixelBuffer) {
        let (width, height): (Int, Int) = (picture.width, picture.height)
        let pixels: UnsafeMutableBufferPointer<UInt8> = picture.bytes
        let luma: [Int32] = withExtendedLifetime(picture) { (0..<width * height).map { Self.luma(pixels, 3 * $0) } }
        var (sum, squares): (Int64, Int64) = (0, 0)
        for value in luma {
            sum += Int64(value)
            squares += Int64(value) * Int64(value)
        }
        let count = Double(luma.count)
        let mean: Double = Double(sum) / count
        let variance: Double = max(0, Double(squares) / count - mean * mean)
        brightness = mean / 255
        contrast = variance.squareRoot() / 255
        guard width > 2, height > 2, variance > 0 else {
            detail = 0
            return
        }
        var edges: Int64 = 0
        for row in 1..<height - 1 {
            for index in row * width + 1..<row * width + width - 1 {
                let value: Int32 = 4 * luma[index] - luma[index - 1] - luma[index + 1] - luma[index - width] - luma[index + width]
                edges += Int64(value) * Int64(value)
            }
        }
        detail = Double(edges) / Double((width - 2) * (height - 2)) / variance
    }

    /// BT.601's weights in 256ths.
    private static func luma(_ pixels: UnsafeMutableBufferPointer<UInt8>, _ index: Int) -> Int32 {
        let (red, green, blue): (Int32, Int32, Int32) = (Int32(pixels[index]), Int32(pixels[index + 1]), Int32(pixels[index + 2]))
        return (77 * red + 150 * green + 29 * blue) >> 8
    }
}
