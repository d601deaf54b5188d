/// A face's pixels while its frame is looked at: for whoever wants to know more of it than its template. Not kept beyond the call that
/// lends it.
package struct FaceView {
    /// In pixels of the upright picture.
    package let box: FaceBox
    package let landmarks: FaceLandmarks
    package let quality: FaceQuality
    /// 112×112, RGB8, as the embedder is given it.
    package let aligned: PixelBuffer

    /// What the face was cut out of: the full picture where the face was chosen, and made smaller where it was not.
    private let sharp: DecodedPicture
    /// What the detector saw, or larger: of every frame of a source in one size.
    private let scene: DecodedPicture

    init(box: FaceBox, landmarks: FaceLandmarks, quality: FaceQuality, aligned: PixelBuffer, sharp: DecodedPicture, scene: DecodedPicture) {
        self.box = box
        self.landmarks = landmarks
        self.quality = quality
        self.aligned = aligned
        self.sharp = sharp
        self.scene = scene
    }

    /// Columns and rows of the aligned face that are skin.
    package static var skinColumns: Range<Int> { FaceAligner.skinColumns }
    package static var skinRows: Range<Int> { FaceAligner.skinRows }
    /// Distance of the eyes in the aligned face, pixels.
    package static var alignedEyeDistance: Double { FaceAligner.interEyeDistance }

    /// The middle of the face as it was captured, pixel for pixel.
    /// - Returns: green, 0…255, `side` × `side`, row by row; `nil` where the face is smaller than one and a half times that, or not whole.
    package func middle(side: Int) -> [Float]? {
        let scale: Double = 1 / Double(sharp.reduction)
        guard min(box.width, box.height) * scale >= 1.5 * Double(side) else { return nil }
        let centre: ImagePoint = sharp.fromUpright.apply(box.centre)
        let (left, top) = (Int(centre.x.rounded()) - side / 2, Int(centre.y.rounded()) - side / 2)
        let pixels: PixelBuffer = sharp.pixels
        guard left >= 0, top >= 0, left + side <= pixels.width, top + side <= pixels.height else { return nil }
        return withExtendedLifetime(pixels) {
            let bytes = pixels.bytes
            return (0..<side * side).map { Float(bytes[3 * ((top + $0 / side) * pixels.width + left + $0 % side) + 1]) }
        }
    }

    /// A number of the face's pixels in what the detector saw, all of them: equal for equal pixels.
    package func fingerprint() -> UInt64 {
        let (first, last) = (
            scene.fromUpright.apply(ImagePoint(x: box.x, y: box.y)), scene.fromUpright.apply(ImagePoint(x: box.x + box.width, y: box.y + box.height))
        )
        let pixels: PixelBuffer = scene.pixels
        let columns: Range<Int> = Self.range(first.x, last.x, within: pixels.width)
        let rows: Range<Int> = Self.range(first.y, last.y, within: pixels.height)
        return withExtendedLifetime(pixels) {
            // FNV-1a.
            var hash: UInt64 = 14_695_981_039_346_656_037
            for y in rows {
                for index in 3 * (y * pixels.width + columns.lowerBound)..<3 * (y * pixels.width + columns.upperBound) {
                    hash = (hash ^ UInt64(pixels.bytes[index])) &* 1_099_511_628_211
                }
            }
            return hash
        }
    }

    /// How bright the picture is beside a face, row by row: what room light does, it does there too.
    /// - Parameters:
    ///   - rows: of the upright picture, pixels.
    ///   - columns: of the upright picture that are left out.
    /// - Returns: mean green of `count` equal bands, 0…255; `nil` where fewer than a tenth of the columns are left.
    package func beside(rows: ClosedRange<Double>, without columns: ClosedRange<Double>, count: Int) -> [Float]? {
        let pixels: PixelBuffer = scene.pixels
        let (first, last) = (
            scene.fromUpright.apply(ImagePoint(x: columns.lowerBound, y: rows.lowerBound)),
            scene.fromUpright.apply(ImagePoint(x: columns.upperBound, y: rows.upperBound))
        )
        let left: Range<Int> = Self.range(first.x, last.x, within: pixels.width)
        guard (pixels.width - left.count) * 10 >= pixels.width else { return nil }
        let span: Range<Int> = Self.range(first.y, last.y, within: pixels.height)
        guard span.count >= count else { return nil }
        return withExtendedLifetime(pixels) {
            (0..<count).map { band in
                var sum: Int = 0
                let lines = span.lowerBound + band * span.count / count..<span.lowerBound + (band + 1) * span.count / count
                for y in lines {
                    for x in 0..<pixels.width where !left.contains(x) { sum += Int(pixels.bytes[3 * (y * pixels.width + x) + 1]) }
                }
                return Float(sum) / Float(lines.count * (pixels.width - left.count))
            }
        }
    }

    /// The face's box grown about its centre and brought to a size: what presentation-attack networks are trained on.
    /// - Parameters:
    ///   - scale: of the longer side of the box; the part cut out has the shape asked for.
    ///   - body: told each pixel: column, row, and red, green, blue 0…255; black where the picture ends.
    package func crop(scale: Double, width: Int, height: Int, _ body: (Int, Int, SIMD4<Float>) -> Void) {
        let side: Double = scale * max(box.width, box.height)
        let (wide, high) = width >= height ? (side, side * Double(height) / Double(width)) : (side * Double(width) / Double(height), side)
        let centre: ImagePoint = box.centre
        let step: Double = max(wide / Double(width), high / Double(height)) / Double(sharp.reduction)
        // As FaceAligner.warp: bilinear reading covers two pixels; beyond that, several readings are averaged.
        let samples: Int = step > 2 ? min(8, Int(step)) : 1
        let offsets: [Double] = (0..<samples).map { (Double($0) + 0.5) / Double(samples) }
        let share: Float = 1 / Float(samples * samples)
        let sampler = BilinearSampler(sharp.pixels)
        withExtendedLifetime(sharp.pixels) {
            for y in 0..<height {
                for x in 0..<width {
                    var sum = SIMD4<Float>(repeating: 0)
                    for down in offsets {
                        for across in offsets {
                            let point = sharp.fromUpright.apply(
                                ImagePoint(
                                    x: centre.x + wide * ((Double(x) + across) / Double(width) - 0.5) - 0.5,
                                    y: centre.y + high * ((Double(y) + down) / Double(height) - 0.5) - 0.5))
                            sum += sampler.read(x: point.x, y: point.y)
                        }
                    }
                    body(x, y, sum * share)
                }
            }
        }
    }

    private static func range(_ one: Double, _ other: Double, within size: Int) -> Range<Int> {
        let low: Int = max(0, min(size, Int(max(-1e6, min(1e6, min(one, other))).rounded())))
        let high: Int = max(low, min(size, Int(max(-1e6, min(1e6, max(one, other))).rounded())))
        return low..<high
    }
}
